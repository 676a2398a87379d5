package cache

import (
	"context"
	"crypto/sha256"
	"errors"
	"testing"
)

// patchKey and its helpers are a differ in miniature: the patch of old to new
// is new xor old, applying it is the same.
var patchKey = Key{Space: "patch", Parts: map[string]string{"old": "sha256:old", "new": "sha256:new", "differ": "1"}}

type differ struct {
	s     *Store
	made  int
	tried int
	patch string
}

func (d *differ) make(ctx context.Context) (Value, error) {
	d.made++
	b, err := d.s.PutBytes(ctx, []byte(d.patch))
	return Value{Blobs: []Blob{b}}, err
}

func (d *differ) prove(ctx context.Context, v Value) error {
	d.tried++
	patch, err := v.Only(1000)
	if err != nil {
		return err
	}
	b, err := d.s.Bytes(ctx, patch.Digest, 1000)
	if err != nil {
		return err
	}
	if string(b) != "the patch" {
		return Disprovef("applied it gives %x, want the new file", sha256.Sum256(b))
	}
	return nil
}

func (d *differ) run(t *testing.T) {
	t.Helper()
	v, err := d.s.DoProven(t.Context(), patchKey, d.make, d.prove)
	must(t, err)
	b, err := d.s.Bytes(t.Context(), v.Blobs[0].Digest, 1000)
	must(t, err)
	if string(b) != "the patch" {
		t.Fatalf("got %q", b)
	}
}

func TestOnlyOneBlobNotTooLarge(t *testing.T) {
	small, large := Blob{Digest: "sha256:1", Size: 10}, Blob{Digest: "sha256:2", Size: 11}
	if got, err := (Value{Blobs: []Blob{small}}).Only(10); err != nil || got != small {
		t.Errorf("got %v, %v, want %v", got, err, small)
	}
	for _, v := range []Value{{}, {Blobs: []Blob{small, small}}, {Blobs: []Blob{large}}} {
		var no *DisproofError
		if got, err := v.Only(10); !errors.As(err, &no) {
			t.Errorf("%v: got %v, %v, want a disproof", v, got, err)
		}
	}
}
