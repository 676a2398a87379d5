package bsdiff

import (
	"bytes"
	"testing"
)

func FuzzApply(f *testing.F) {
	old := []byte("the quick brown fox jumps over the lazy dog, and back again")
	for _, new := range []string{"", "the slow brown fox jumps over the lazy dog, and back", "again and again"} {
		p, err := Diff(old, []byte(new), Options{})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(old, p.MBDIFF10())
		classic, err := p.BSDIFF40()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(old, classic)
	}
	const limit = 1 << 20
	f.Fuzz(func(t *testing.T, old, patch []byte) {
		got, err := Apply(old, patch, limit)
		if err != nil && got != nil {
			t.Fatal("a file came back with an error")
		}
		if len(got) > limit {
			t.Fatalf("made %d bytes, limit is %d", len(got), limit)
		}
		h, inspectErr := Inspect(patch)
		if err == nil && (inspectErr != nil || h.NewSize != int64(len(got))) {
			t.Fatalf("applies, but Inspect says %+v, %v", h, inspectErr)
		}
	})
}

func FuzzRoundTrip(f *testing.F) {
	text := []byte("the quick brown fox jumps over the lazy dog, and back again")
	f.Add([]byte{}, []byte{}, uint8(0))
	f.Add(text, text[20:], uint8(3))
	f.Add(bytes.Repeat(text, 9), bytes.Repeat(text[1:], 8), uint8(7))
	f.Fuzz(func(t *testing.T, old, new []byte, mix uint8) {
		// Pieces of old in new are what makes the differ work.
		if n := len(old) * int(mix) / 256; n > 0 {
			new = bytes.Join([][]byte{old[n:], new, old[:n], old[n/2 : n]}, nil)
		}
		p, err := Diff(old, new, Options{Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		got, err := Apply(old, p.MBDIFF10(), int64(len(new)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, new) {
			t.Fatal("the patch restores another file")
		}
	})
}
