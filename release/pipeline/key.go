package pipeline

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sort"
)

// Key names everything that decides a task's bytes: its kind, the kind's
// version, its arguments and the outputs of its needs. The outputs stand in
// the order of Needs, for that is the order in which the function reads them:
// "from a to b" and "from b to a" are two tasks. Task ID, run, attempt, host
// and clock are left out on purpose, so equal work has one result.
func Key(t Task, version int, needs []string) (string, error) {
	args, err := canonical(t.Args)
	if err != nil {
		return "", fmt.Errorf("arguments of %s: %w", t.ID, err)
	}
	b, err := json.Marshal(struct {
		Form    string          `json:"form"`
		Kind    string          `json:"kind"`
		Version int             `json:"version"`
		Args    json.RawMessage `json:"args"`
		Needs   []string        `json:"needs"`
		Outputs []string        `json:"outputs"`
	}{"slipway task 1", t.Kind, version, args, needs, t.Outputs})
	if err != nil {
		return "", err
	}
	return digest(b), nil
}

// Output is the digest of a result: what a task that needs it sees of it.
func Output(r Raw) (string, error) {
	r, err := Tidy(r)
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(r)
	if err != nil {
		return "", err
	}
	return digest(b), nil
}

// Tidy puts a result in its canonical form: files by name, facts with sorted
// keys, so that neither a worker's order nor a map's changes what follows.
func Tidy(r Raw) (Raw, error) {
	facts, err := canonical(r.Facts)
	if err != nil {
		return Raw{}, fmt.Errorf("facts: %w", err)
	}
	files := append([]File(nil), r.Files...)
	sort.Slice(files, func(i, j int) bool { return files[i].Name < files[j].Name })
	return Raw{Files: files, Facts: facts}, nil
}

// canonical sorts object keys and drops layout; numbers keep their digits.
func canonical(raw json.RawMessage) (json.RawMessage, error) {
	if len(raw) == 0 {
		return json.RawMessage("null"), nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// CheckOutputs holds a green result to what the task declared: each output is
// there, once, with a digest. A task that ends green without them has failed.
func CheckOutputs(t Task, r Raw) error {
	have := make(map[string]bool, len(r.Files))
	for _, f := range r.Files {
		if have[f.Name] {
			return Fail(Input, "output named twice", fmt.Errorf("output %q is named twice", f.Name))
		}
		if !isDigest(f.Digest) {
			return Fail(Input, "output without digest", fmt.Errorf("output %q: digest %q: want sha256: and 64 hex digits", f.Name, f.Digest))
		}
		have[f.Name] = true
	}
	for _, name := range t.Outputs {
		if !have[name] {
			return Fail(Input, "declared output missing", fmt.Errorf("ended without its declared output %q; it left %s", name, names(r.Files)))
		}
	}
	return nil
}

func isDigest(s string) bool {
	const prefix = "sha256:"
	if len(s) != len(prefix)+2*sha256.Size || s[:len(prefix)] != prefix {
		return false
	}
	_, err := hex.DecodeString(s[len(prefix):])
	return err == nil
}

func names(files []File) string {
	if len(files) == 0 {
		return "nothing"
	}
	var b bytes.Buffer
	for i, f := range files {
		if i == 5 {
			fmt.Fprintf(&b, " and %d more", len(files)-i)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", f.Name)
	}
	return b.String()
}
