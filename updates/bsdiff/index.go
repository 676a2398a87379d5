package bsdiff

import "math/bits"

// An anchor is a position whose first eight bytes hash to a value with
// sampleBits zeros on top. Content alone decides that, so that equal stretches
// of old and new have their anchors at the same places: one position in
// 2^sampleBits is indexed, and no more need be looked up.
//
// The index knows an anchor by the hash of its first seedLen bytes.
const (
	seedLen    = 12
	bucketSize = 4
)

const (
	mixA = 0x9e3779b97f4a7c15
	mixB = 0xc2b2ae3d27d4eb4f
	mixC = 0x165667b19e3779f9
)

// index finds anchors of old by content. A bucket holds up to four; when it
// is full, the first three stay and the last is replaced, so that neither
// building nor asking depends on how often a content repeats.
type index struct {
	slots      []uint64 // tag<<32 | position+1; 0 is empty
	shift      uint
	sampleBits uint
}

func newIndex(old []byte, sampleBits uint) *index {
	anchors := len(old)>>sampleBits + 1
	buckets := max(1, (anchors+bucketSize/2)/(bucketSize*3/4))
	log := uint(bits.Len(uint(buckets - 1)))
	x := &index{
		slots:      make([]uint64, bucketSize<<log),
		shift:      64 - log,
		sampleBits: sampleBits,
	}
	for i := 0; i+seedLen <= len(old); i++ {
		if h, ok := x.anchor(old, i); ok {
			x.put(h, uint32(i))
		}
	}
	return x
}

// anchor returns the hash of the seed at i, if i is an anchor. A run of one
// byte value is none: it would be everywhere.
func (x *index) anchor(b []byte, i int) (uint64, bool) {
	v := load64(b, i)
	h := (v + mixB) * mixA
	if h>>(64-x.sampleBits) != 0 {
		return 0, false
	}
	w := load64(b, i+4)
	if v == w && v == v<<8|v>>56 {
		return 0, false
	}
	h = (h ^ bits.RotateLeft64(w*mixC, 31)) * mixB
	return h ^ h>>29, true
}

func (x *index) bucket(h uint64) []uint64 {
	b := (h * mixA >> x.shift) * bucketSize
	return x.slots[b:][:bucketSize:bucketSize]
}

func (x *index) put(h uint64, pos uint32) {
	b := x.bucket(h)
	v := h<<32 | uint64(pos+1)
	for i := range b {
		if b[i] == 0 {
			b[i] = v
			return
		}
	}
	b[bucketSize-1] = v
}
