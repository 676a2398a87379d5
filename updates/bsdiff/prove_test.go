package bsdiff

import (
	"bytes"
	"errors"
	"testing"
)

func TestProve(t *testing.T) {
	for _, p := range pairs() {
		patch, err := Diff(p.old, p.new, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := Prove(bytes.NewReader(patch.MBDIFF10()), p.old, p.new); err != nil {
			t.Errorf("%s: %v", p.name, err)
		}
	}
}

// TestProveSeesEachByte changes every byte of a patch, and cuts it everywhere.
func TestProveSeesEachByte(t *testing.T) {
	old := bytes.Repeat([]byte("0123456789abcdef"), 8)
	new := append(bytes.Clone(old[64:]), "something else"...)
	p := &Patch{Old: old, New: new, Control: []Triple{{0, 0, 64}, {64, 14, 0}}}
	mb := p.MBDIFF10()
	for i := range mb {
		b := bytes.Clone(mb)
		b[i]++
		// Where the last step seeks to makes no difference to the new file.
		last := mbdiffHeader + 2*mbdiffTriple
		seek := i >= last-4 && i < last
		if err := Prove(bytes.NewReader(b), old, new); err == nil && !seek {
			t.Errorf("byte %d changed: proven", i)
		}
		if err := Prove(bytes.NewReader(mb[:i]), old, new); !errors.Is(err, ErrCorrupt) {
			t.Errorf("cut at %d: got %v, want %v", i, err, ErrCorrupt)
		}
	}
	if err := Prove(bytes.NewReader(append(mb, 0)), old, new); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a byte more: got %v, want %v", err, ErrCorrupt)
	}
	if err := Prove(bytes.NewReader(mb), old, old); err == nil {
		t.Error("another new file: proven")
	}
	if err := Prove(bytes.NewReader(mb), old[1:], new); !errors.Is(err, ErrOldSize) {
		t.Errorf("another old file: got %v, want %v", err, ErrOldSize)
	}
}
