package xz

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// Matches in zeros are found by how many are left, and those must be the same
// bytes as any.
func TestShortRunsOfZeros(t *testing.T) {
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		in := make([]byte, 2000)
		for i := 0; i < len(in); i += 1 + rnd.IntN(14) {
			in[i] = byte(1 + rnd.IntN(2))
		}
		packed, err := Encode(in, Options{Nice: 4 + rnd.IntN(40)})
		if err != nil {
			t.Fatal(err)
		}
		if out, err := Decode(packed, int64(len(in))); err != nil || !bytes.Equal(out, in) {
			t.Fatalf("seed %d: does not decode to the input: %v", seed, err)
		}
	}
}
