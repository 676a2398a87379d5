package xz

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// Walks of a batch overtake each other. One that is slow must not meet nodes
// that a younger one has overwritten, a whole window further on.
func TestSlowWalksInSmallWindows(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 5))
	var words [300][]byte
	for i := range words {
		words[i] = make([]byte, 1+rng.IntN(30))
		for j := range words[i] {
			words[i][j] = byte(' ' + rng.IntN(8))
		}
	}
	var src []byte
	for len(src) < 1<<20 {
		src = append(src, words[rng.IntN(1+rng.IntN(len(words)))]...)
	}
	for _, dict := range []uint32{4 << 10, 16 << 10, 64 << 10} {
		packed, err := Encode(src, Options{DictSize: dict})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Decode(packed, int64(len(src))); err != nil || !bytes.Equal(got, src) {
			t.Errorf("dictionary of %d bytes: %d bytes come back, %v", dict, len(got), err)
		}
	}
}
