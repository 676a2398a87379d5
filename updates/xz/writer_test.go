package xz

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
)

// TestWriterMakesWhatEncodeMakes: around each boundary of blocks, in pieces of
// any size.
func TestWriterMakesWhatEncodeMakes(t *testing.T) {
	const block = 1000
	random := rand.New(rand.NewPCG(1, 2))
	all := make([]byte, 3*block+1)
	for i := range all {
		all[i] = byte(random.IntN(4))
	}
	for _, n := range []int{0, 1, block - 1, block, block + 1, 2 * block, 3*block - 1, 3 * block, 3*block + 1} {
		o := Options{Preset: 6, BlockSize: block, BCJ: X86}
		want, err := Encode(all[:n], o)
		if err != nil {
			t.Fatal(err)
		}
		for _, piece := range []int{1, 7, block, 10 * block} {
			var got bytes.Buffer
			w, err := NewWriter(&got, o)
			if err != nil {
				t.Fatal(err)
			}
			for rest := all[:n]; len(rest) > 0; rest = rest[min(piece, len(rest)):] {
				if m, err := w.Write(rest[:min(piece, len(rest))]); err != nil || m != min(piece, len(rest)) {
					t.Fatalf("wrote %d, %v", m, err)
				}
			}
			if n > block && got.Len() == 0 {
				t.Errorf("%d bytes in pieces of %d: nothing was written before the end", n, piece)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%d bytes in pieces of %d: %d bytes, other than Encode's %d", n, piece, got.Len(), len(want))
			}
		}
	}
	if _, err := NewWriter(io.Discard, Options{Preset: 5}); err == nil {
		t.Error("preset 5 was taken")
	}
}

// short has room for a number of bytes.
type short int

func (s *short) Write(p []byte) (int, error) {
	if *s -= short(len(p)); *s < 0 {
		return 0, errors.New("full")
	}
	return len(p), nil
}

func TestWriterTellsWhatWasNotWritten(t *testing.T) {
	in := bytes.Repeat([]byte("abc"), 1000)
	for room := short(0); ; room += 8 {
		left := room
		w, err := NewWriter(&left, Options{Preset: 6, BlockSize: 1000})
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Write(in)
		if cerr := w.Close(); err == nil {
			err = cerr
		}
		if (err == nil) != (left >= 0) {
			t.Fatalf("room for %d bytes: %v, %d left", room, err, left)
		}
		if err == nil {
			return
		}
	}
}
