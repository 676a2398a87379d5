package bsdiff

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"slipway/testdata/peer"
)

// pair is a story of two files.
type pair struct {
	name     string
	old, new []byte
}

// pairs covers the shapes that have paths of their own in the differ.
func pairs() []pair {
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		return b
	}
	big := random(1 << 18)
	moved := bytes.Clone(big)
	for i := 100; i < len(moved); i += 60 {
		moved[i] += 3 // relocated pointers
	}
	swapped := append(bytes.Clone(big[1<<17:]), big[:1<<17]...)
	edited := bytes.Join([][]byte{big[:5000], random(777), big[5100:90000], big[120000:]}, nil)
	zeros := make([]byte, 1<<18)
	return []pair{
		{"both empty", nil, nil},
		{"old empty", nil, []byte("new")},
		{"new empty", []byte("old"), nil},
		{"short", []byte("hello world"), []byte("hello, world")},
		{"shorter than a seed", []byte("a"), []byte("ab")},
		{"one byte changed", []byte("0123456789abcdefghij"), []byte("0123456789Abcdefghij")},
		{"equal", big, big},
		{"pointers moved", big, moved},
		{"halves swapped", big, swapped},
		{"edited", big, edited},
		{"truncated", big, big[:1<<17-3]},
		{"appended", big[:1<<17+5], big},
		{"unrelated", big, random(1 << 17)},
		{"zeros grow", zeros, make([]byte, 1<<18+9)},
		{"zeros shrink", zeros, zeros[:77777]},
		{"zeros to random", zeros, big},
		{"repeats", bytes.Repeat([]byte("abcdefghijklmnopqrstuvw"), 9000), bytes.Repeat([]byte("abcdefghijklmnopqrstuvw"), 9100)},
	}
}

func TestRoundTrip(t *testing.T) {
	for _, p := range pairs() {
		t.Run(p.name, func(t *testing.T) {
			patch, err := Diff(p.old, p.new, Options{})
			if err != nil {
				t.Fatal(err)
			}
			mb := patch.MBDIFF10()
			got, err := Apply(p.old, mb, int64(len(p.new)))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, p.new) {
				t.Fatal("MBDIFF10 restores another file")
			}
			classic, err := patch.BSDIFF40()
			if err != nil {
				t.Fatal(err)
			}
			if got, err = Apply(p.old, classic, int64(len(p.new))); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, p.new) {
				t.Fatal("BSDIFF40 restores another file")
			}
			if err := CrossCheck(p.old, p.new, classic); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestBspatchAppliesOurs(t *testing.T) {
	bspatch := peer.Path(t, "bspatch")
	for _, p := range pairs() {
		t.Run(p.name, func(t *testing.T) {
			patch, err := Diff(p.old, p.new, Options{})
			if err != nil {
				t.Fatal(err)
			}
			classic, err := patch.BSDIFF40()
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			file := func(name string, b []byte) string {
				path := filepath.Join(dir, name)
				if err := os.WriteFile(path, b, 0o644); err != nil {
					t.Fatal(err)
				}
				return path
			}
			restored := filepath.Join(dir, "restored")
			if out, err := exec.Command(bspatch, file("old", p.old), restored, file("patch", classic)).CombinedOutput(); err != nil {
				t.Fatalf("bspatch: %v\n%s", err, out)
			}
			got, err := os.ReadFile(restored)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, p.new) {
				t.Fatal("bspatch restores another file")
			}
		})
	}
}

func TestSamePatchForAnyWorkers(t *testing.T) {
	old, new := largePair()
	var want []byte
	for _, workers := range []int{1, 2, 3, 8} {
		patch, err := Diff(old, new, Options{Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		got := patch.MBDIFF10()
		if workers == 1 {
			want = got
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("%d workers make another patch than 1", workers)
		}
	}
	if got, err := Apply(old, want, int64(len(new))); err != nil || !bytes.Equal(got, new) {
		t.Fatal("patch of several segments does not restore the new file:", err)
	}
}

// largePair spans several segments, with blocks moved across their borders.
func largePair() (old, new []byte) {
	rng := rand.New(rand.NewPCG(3, 4))
	for len(old) < 2*segmentSize+12345 {
		old = fmt.Appendf(old, "%x %d;", rng.Uint64()>>rng.IntN(60), len(old))
	}
	third := len(old) / 3
	new = append(bytes.Clone(old[third:]), old[:third]...)
	for i := 1000; i < len(new); i += 5000 {
		new[i] ^= byte(i)
	}
	return old, new
}
