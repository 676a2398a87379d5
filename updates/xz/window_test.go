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
	// What repeats does so a little less than a window later, in words few
	// enough for deep trees.
	src := make([]byte, 1<<20)
	for i := range src {
		if back := 4096 - 8 - (i>>14)&63; i >= back && rng.IntN(16) > 0 {
			src[i] = src[i-back]
		} else {
			src[i] = "ab"[rng.IntN(2)]
		}
	}
	for _, dict := range []uint32{4 << 10, 8 << 10} {
		packed, err := Encode(src, Options{DictSize: dict})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Decode(packed, int64(len(src))); err != nil || !bytes.Equal(got, src) {
			t.Errorf("dictionary of %d bytes: %d bytes come back, %v", dict, len(got), err)
		}
	}
}
