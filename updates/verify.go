package updates

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"slipway/cache"
)

// VerifyJob asks for proof that updates do what they should. Chunk and Chunks,
// when set, take every Chunks-th update from Chunk (1 to Chunks) on; Only, when
// set, takes the updates of those names: the failed ones of a former report.
type VerifyJob struct {
	Updates []Update `json:"updates"`
	Chunk   int      `json:"chunk,omitempty"`
	Chunks  int      `json:"chunks,omitempty"`
	Only    []string `json:"only,omitempty"`
}

// Update is one claim: From with MAR applied is To. A From of neither tree
// nor MAR is an empty directory, on which a complete can be tried.
type Update struct {
	Name string       `json:"name"` // "partial/linux64/de/10.0", for the report
	From Source       `json:"from"`
	MAR  cache.Digest `json:"mar"`
	To   Source       `json:"to"`
	// MaxSize, when set, is the size a partial may not exceed: its complete's.
	MaxSize int64 `json:"max_size,omitempty"`
}

// Report is what Verify found, an element per update in the order of the job.
type Report struct {
	Updates []Verdict `json:"updates"`
}

// Verdict is the result for one update. Allowed differences are those that the
// format means to leave: what users and partners own.
type Verdict struct {
	Name        string       `json:"name"`
	OK          bool         `json:"ok"`
	Error       string       `json:"error,omitempty"`
	Differences []Difference `json:"differences,omitempty"`
	Allowed     []Difference `json:"allowed,omitempty"`
}

// Failed lists the names of updates that did not pass, for VerifyJob.Only.
func (r Report) Failed() []string {
	var names []string
	for _, v := range r.Updates {
		if !v.OK {
			names = append(names, v.Name)
		}
	}
	return names
}

// Verify applies every update of the job and compares the trees by path, hash
// and mode. The error says how many failed; the report says which and why. A
// patch that several updates share, old file and bytes alike, is applied once.
func (b *Builder) Verify(ctx context.Context, job VerifyJob) (Report, error) {
	updates, err := job.Selected()
	if err != nil {
		return Report{}, err
	}
	r := Report{Updates: make([]Verdict, len(updates))}
	told := b.tell("verify", len(updates))
	shared := newMemo()
	inner := &Builder{Store: b.Store, Workers: 1, borrowed: b.borrowed}
	err = b.each(ctx, len(updates), nil, func(ctx context.Context, i, _ int) error {
		defer told.begin(updates[i].Name)()
		v, err := inner.verify(ctx, updates[i], shared)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if v.Name = updates[i].Name; err != nil {
			v.Error = err.Error()
		}
		v.OK = err == nil && len(v.Differences) == 0
		r.Updates[i] = v
		return nil
	})
	if err != nil {
		return Report{}, err
	}
	if failed := r.Failed(); len(failed) > 0 {
		return r, fmt.Errorf("%d of %d updates failed verification, first %q", len(failed), len(updates), failed[0])
	}
	return r, nil
}

// Selected are the updates that Chunk and Only leave. It looks at names alone.
func (j VerifyJob) Selected() ([]Update, error) {
	if j.Chunks < 0 || j.Chunk < 0 || j.Chunk > j.Chunks || j.Chunks > 0 && j.Chunk == 0 {
		return nil, fmt.Errorf("chunk %d of %d", j.Chunk, j.Chunks)
	}
	seen := map[string]bool{}
	var out []Update
	for i, u := range j.Updates {
		if seen[u.Name] {
			return nil, fmt.Errorf("two updates are called %q", u.Name)
		}
		seen[u.Name] = true
		if j.Chunks > 0 && i%j.Chunks != j.Chunk-1 || len(j.Only) > 0 && !slices.Contains(j.Only, u.Name) {
			continue
		}
		out = append(out, u)
	}
	for _, name := range j.Only {
		if !seen[name] {
			return nil, fmt.Errorf("no update is called %q", name)
		}
	}
	return out, nil
}

func (b *Builder) verify(ctx context.Context, u Update, shared *memo) (v Verdict, err error) {
	from := b.nothing()
	if u.From != (Source{}) {
		if from, err = b.installed(ctx, u.From, shared); err != nil {
			return v, fmt.Errorf("from: %w", err)
		}
		defer from.close()
	}
	to, err := b.installed(ctx, u.To, shared)
	if err != nil {
		return v, fmt.Errorf("to: %w", err)
	}
	defer to.close()
	a, err := b.open(ctx, u.MAR)
	if err != nil {
		return v, err
	}
	defer a.Close()
	x := &execution{a: a, b: b, read: from.read, put: hashOnly, memo: shared}
	got, err := x.apply(ctx, from.tree)
	if err == nil {
		v.Differences, v.Allowed = compare(from.tree, got, to.tree, a.manifest.Type)
	}
	if a.manifest.Type == TypePartial && u.MaxSize > 0 && a.Size > u.MaxSize {
		err = errors.Join(err, fmt.Errorf("partial has %d bytes, the complete %d", a.Size, u.MaxSize))
	}
	return v, err
}
