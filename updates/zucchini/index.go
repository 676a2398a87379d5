package zucchini

import (
	"encoding/binary"
	"math/bits"
)

// A density says how long an anchor is and how many places are anchors: one in
// 1<<sparsity.
type density struct {
	length   int // 8 to 16 bytes
	sparsity uint
}

// densityFor bounds the index to about two bytes per byte of old where that
// counts. Dense indexes also find more wrong places.
func densityFor(size int) density {
	switch {
	case size <= 1<<20:
		return density{8, 0}
	case size <= 16<<20:
		return density{12, 1}
	}
	return density{16, 3}
}

// anchor hashes the anchor-length bytes at b[at:], and says whether it is one.
func (d density) anchor(b []byte, at int) (hash uint64, ok bool) {
	first := binary.LittleEndian.Uint64(b[at:])
	last := binary.LittleEndian.Uint64(b[at+d.length-8:])
	h := first*0x9e3779b97f4a7c15 ^ bits.RotateLeft64(last*0xc2b2ae3d27d4eb4f, 29)
	h ^= h >> 32
	h *= 0xff51afd7ed558ccd
	h ^= h >> 29
	// Runs of one byte, zeros above all, would all be the same anchor.
	return h, h&(1<<d.sparsity-1) == 0 && first != bits.RotateLeft64(first, 8)
}

// An index finds places of old by the hash of an anchor: a table of buckets of
// a few slots, so that a look-up is one read of memory.
type index struct {
	density
	order uint // of the number of buckets
	slots []slot
	parts [1 << partBits][]slot // of the table, before they are put there
}

const (
	bucketSlots = 4 // places kept per hash
	partBits    = 8
)

// A slot holds a key in its high half and a place + 1 in its low one.
type slot uint64

func (s slot) key() uint32 { return uint32(s >> 32) }
func (s slot) place() int  { return int(uint32(s)) - 1 }

// split cuts a hash into the part of the table and the key within it. The top
// bits of the key choose the bucket.
func split(hash uint64) (part, key uint32) {
	return uint32(hash >> (64 - partBits)), uint32(hash >> 24)
}

func (x *index) bucket(part, key uint32) []slot {
	inner := x.order - partBits
	i := (uint64(part)<<inner | uint64(key)>>(32-inner)) * bucketSlots
	return x.slots[i : i+bucketSlots : i+bucketSlots]
}

// newIndex makes an index for strings of a size.
func newIndex(size int) *index {
	d := densityFor(size)
	expected := size >> d.sparsity
	x := &index{density: d, order: uint(max(bits.Len(uint(expected))-2, partBits))}
	x.slots = make([]slot, bucketSlots<<x.order)
	for i := range x.parts {
		x.parts[i] = make([]slot, 0, expected>>partBits*9/8)
	}
	return x
}

// fill indexes old, and nothing else. The anchors are sorted by part of the
// table first: writing them as they come would wait for memory at every one.
func (x *index) fill(old []byte) {
	for i := range x.parts {
		x.parts[i] = x.parts[i][:0]
	}
	for at := 0; at+x.length <= len(old); at++ {
		if h, ok := x.anchor(old, at); ok {
			part, key := split(h)
			x.parts[part] = append(x.parts[part], slot(key)<<32|slot(at+1))
		}
	}
	clear(x.slots)
	for part := range x.parts {
		for _, s := range x.parts[part] {
			bucket := x.bucket(uint32(part), s.key())
			i := 0
			for i < bucketSlots-1 && bucket[i] != 0 {
				i++ // a full bucket keeps its first places and the last one
			}
			bucket[i] = s
		}
	}
}
