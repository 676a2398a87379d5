package bsdiff

import (
	"encoding/binary"
	"math/bits"
)

func load64(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }

// differing returns a word with the top bit set of each byte that is not 0
// in x, so that its population count tells how many bytes differ.
func differing(x uint64) uint64 {
	return ((x &^ high) + ^uint64(high) | x) & high
}

// equalRun returns how many bytes a and b have in common from their start.
func equalRun(a, b []byte) int {
	n := min(len(a), len(b))
	i := 0
	for ; i+8 <= n; i += 8 {
		if x := load64(a, i) ^ load64(b, i); x != 0 {
			return i + bits.TrailingZeros64(x)/8
		}
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

// equalTail returns how many bytes a and b have in common before their end.
func equalTail(a, b []byte) int {
	la, lb := len(a), len(b)
	n := min(la, lb)
	i := 0
	for ; i+8 <= n; i += 8 {
		if x := load64(a, la-i-8) ^ load64(b, lb-i-8); x != 0 {
			return i + bits.LeadingZeros64(x)/8
		}
	}
	for i < n && a[la-1-i] == b[lb-1-i] {
		i++
	}
	return i
}
