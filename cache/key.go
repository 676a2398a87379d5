package cache

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Key names a result by everything that decides it: the digests of the
// inputs, the options, and the version of the program that makes it. What does
// not change the bytes (host, time, number of workers) stays out.
type Key struct {
	// Space is the kind of result, "patch" or "xz"; [Store.Counts] and
	// [Store.Why] speak of spaces.
	Space string            `json:"space"`
	Parts map[string]string `json:"parts"`
}

// Digest names the key.
func (k Key) Digest() Digest {
	b, err := json.Marshal(k) // map keys are sorted
	if err != nil {
		panic(err) // strings always marshal
	}
	return Sum(b)
}

func (k Key) check() error {
	if k.Space == "" || len(k.Parts) == 0 {
		return fmt.Errorf("key %+v: want a space and at least one part", k)
	}
	return nil
}

// Value is a result: the blobs it consists of, and a note for what is not
// bytes ("this patch is larger than the file: ship it whole").
type Value struct {
	Blobs []Blob          `json:"blobs,omitempty"`
	Note  json.RawMessage `json:"note,omitempty"`
}

// Only returns the one blob that v must be, of at most limit bytes; or a disproof.
func (v Value) Only(limit int64) (Blob, error) {
	if len(v.Blobs) != 1 {
		return Blob{}, Disprovef("%d blobs, want 1", len(v.Blobs))
	}
	if n := v.Blobs[0].Size; n > limit {
		return Blob{}, Disprovef("%d bytes, limit %d", n, limit)
	}
	return v.Blobs[0], nil
}

// record is what is kept under a key.
type record struct {
	V       int     `json:"v"`
	Key     Key     `json:"key"`
	Value   Value   `json:"value"`
	Seconds float64 `json:"seconds"` // what making it took, so that a hit knows what it saved
}

const recordVersion = 1

// maxRecord bounds what is read as a record; a note is a remark, not a store.
const maxRecord = 4 << 20

const sealPrefix = "hmac-sha256:"

// encode writes the record as three lines: JSON, its digest, its seal. The
// seal line is empty without a secret.
func (r record) encode(secret []byte) ([]byte, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	if len(body) > maxRecord/2 {
		return nil, fmt.Errorf("result of %s is %d bytes long: large notes belong in a blob", r.Key.Space, len(body))
	}
	return fmt.Appendf(nil, "%s\n%s\n%s\n", body, Sum(body), sealOf(secret, body)), nil
}

func sealOf(secret, body []byte) string {
	if len(secret) == 0 {
		return ""
	}
	m := hmac.New(sha256.New, secret)
	m.Write(body)
	return sealPrefix + hex.EncodeToString(m.Sum(nil))
}

// decodeRecord reads what encode wrote. It returns the digest of the record's
// JSON, and whether the seal is good.
func decodeRecord(b, secret []byte) (r record, sum Digest, sealed bool, err error) {
	if len(b) > maxRecord {
		return r, "", false, fmt.Errorf("is longer than a record, which has at most %d bytes", maxRecord)
	}
	lines := strings.Split(string(b), "\n")
	if len(lines) != 4 || lines[3] != "" {
		return r, "", false, errors.New("is not three lines")
	}
	body := []byte(lines[0])
	sum = Sum(body)
	if lines[1] != string(sum) {
		return r, "", false, fmt.Errorf("hashes to %s, says %.80q", sum, lines[1])
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		return r, "", false, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return r, "", false, errors.New("has text behind its record")
	}
	if r.V != recordVersion {
		return r, "", false, fmt.Errorf("has version %d, want %d", r.V, recordVersion)
	}
	for _, blob := range r.Value.Blobs {
		if _, err := ParseDigest(string(blob.Digest)); err != nil {
			return r, "", false, err
		}
	}
	sealed = len(secret) > 0 && hmac.Equal([]byte(lines[2]), []byte(sealOf(secret, body)))
	return r, sum, sealed, nil
}

// readRecord gives what [decodeRecord] takes. An error is the disk's, and says
// nothing of the record: a good one must not be put aside for it.
func readRecord(f File) ([]byte, error) {
	b := make([]byte, min(f.Size(), maxRecord+1))
	n, err := f.ReadAt(b, 0)
	if n < len(b) && !errors.Is(err, io.EOF) { // cut meanwhile: damage, and decoding will say so
		return nil, err
	}
	return b[:n], nil
}
