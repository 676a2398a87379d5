package bsdiff

import "encoding/binary"

// sieveBlock is how many positions are sieved at a time.
const sieveBlock = 512

// sieve holds the positions of a block that passed. Whether one does is as good as
// random, and the processor would guess a branch wrongly again and again; so each is
// written down, and the next one over it unless it passed.
type sieve [sieveBlock]uint32

// sieveWindow is what is read to sieve a block.
type sieveWindow [sieveBlock + 16]byte

// windowOf returns b from lo on, with zeros behind its end.
func windowOf(b []byte, lo int, padded *sieveWindow) *sieveWindow {
	if lo+len(padded) <= len(b) {
		return (*sieveWindow)(b[lo:])
	}
	*padded = sieveWindow{}
	copy(padded[:], b[lo:])
	return padded
}

// anchors returns the positions from lo on, up to the end of a block, where b may
// have an anchor.
func (s *sieve) anchors(b []byte, lo int) []uint32 {
	var padded sieveWindow
	w := windowOf(b, lo, &padded)
	n := uint(0)
	for i := range sieveBlock {
		h := (binary.LittleEndian.Uint64(w[i:i+8]) + mixB) * mixA
		s[n%sieveBlock] = uint32(lo + i)
		n += uint((h>>(64-anchorBits) - 1) >> 63)
	}
	return s[:n]
}

// gapSeeds returns the positions from lo on, up to the end of a block, where the seed
// of b may be in the index that filter speaks for.
func (s *sieve) gapSeeds(b []byte, lo int, filter filter) []uint32 {
	var padded sieveWindow
	w := windowOf(b, lo, &padded)
	n := uint(0)
	for i := range sieveBlock {
		h := filterHash(binary.LittleEndian.Uint64(w[i:i+8]), binary.LittleEndian.Uint64(w[i+gapSeed-8:i+gapSeed]))
		s[n%sieveBlock] = uint32(lo + i)
		n += filter.passes(h)
	}
	return s[:n]
}
