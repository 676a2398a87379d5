package zucchini

import (
	"encoding/binary"
	"math/bits"
)

// Alignment finds which part of new continues which part of old. It works on
// any two byte strings; what an executable's references look like there is the
// business of views.go.
//
// Old is indexed at anchors: places whose next bytes hash to a value that ends
// in zero bits. New is walked from its begin, along the current alignment
// (a fixed distance from new to old) as long as that fits. Only where it does
// not, and only at anchors, is the index asked for a better one. Both sides
// choose anchors by content, so they choose the same. Every step is bounded,
// so the whole is linear in the input, whatever that is.

const (
	bucketSlots = 4 // candidates kept per hash; one read of memory
	recentCount = 8 // former alignments that are tried first
	// An alignment is kept without search while at least loyalMatches of the
	// next loyalWindow bytes fit: it is only a number that has changed.
	loyalWindow  = 40
	loyalMatches = 34
	// To replace the alignment, a candidate must fit better by this many bytes.
	switchMargin = 8
	// How far ahead a candidate is tried, and how far it may fall behind its
	// own best before that ends.
	trialWindow = 512
	trialSlack  = 48
)

// A density says how long an anchor is and how many places are anchors: one in
// 1<<sparsity.
type density struct {
	length   int // 8 to 16 bytes
	sparsity uint
}

// densityFor bounds the index to about two bytes per byte of old.
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

// An index finds places of old by the hash of an anchor.
type index struct {
	density
	shift uint
	slots []uint64 // bucketSlots per bucket: tag in the high half, place + 1 in the low
}

func newIndex(old []byte, d density) *index {
	wanted := len(old)>>d.sparsity + 1
	order := max(bits.Len(uint(wanted))-2, 4)
	x := &index{density: d, shift: 64 - uint(order), slots: make([]uint64, bucketSlots<<order)}
	for at := 0; at+x.length+8 <= len(old); at++ {
		h, ok := x.anchor(old, at)
		if !ok {
			continue
		}
		bucket := x.bucket(h)
		slot := bucketSlots - 1 // a full bucket keeps its first places and the last one
		for i := range bucket {
			if bucket[i] == 0 {
				slot = i
				break
			}
		}
		bucket[slot] = tag(h) | uint64(at+1)
	}
	return x
}

func (x *index) bucket(h uint64) []uint64 {
	i := h >> x.shift * bucketSlots
	return x.slots[i : i+bucketSlots : i+bucketSlots]
}

func tag(h uint64) uint64 { return h << 16 &^ (1<<32 - 1) }

// A turn is a place in new from which an alignment holds: new[dst] continues
// old[dst+shift].
type turn struct {
	dst   int
	shift int
}

// An aligner walks new.
type aligner struct {
	old, new []byte
	index    *index
	recent   [recentCount]int
	turns    []turn
}

// align returns the turns, by place.
func align(old, new []byte) []turn {
	a := &aligner{old: old, new: new, index: newIndex(old, densityFor(len(old)))}
	a.turns = []turn{{0, 0}}
	shift := 0
	end := len(new) - a.index.length - 8
	for at := 0; at < len(new); at++ {
		at += equalRun(a.from(at, shift), new[at:])
		if at >= end {
			break
		}
		if a.loyal(at, shift) {
			continue
		}
		if h, ok := a.index.anchor(new, at); ok {
			if best, found := a.search(h, at, shift); found {
				shift = best
				a.turns = append(a.turns, turn{at, shift})
				a.remember(shift)
			}
		}
	}
	return a.turns
}

// from returns old from where an alignment puts new[at]; nothing if outside.
func (a *aligner) from(at, shift int) []byte {
	if p := at + shift; p >= 0 && p < len(a.old) {
		return a.old[p:]
	}
	return nil
}

// loyal says whether the bytes ahead mostly fit the alignment.
func (a *aligner) loyal(at, shift int) bool {
	o := a.from(at, shift)
	n := a.new[at:]
	if len(o) < loyalWindow || len(n) < loyalWindow {
		return false
	}
	matches := 0
	for i := 0; i < loyalWindow; i += 8 {
		matches += equalBytes(binary.LittleEndian.Uint64(o[i:]), binary.LittleEndian.Uint64(n[i:]))
	}
	return matches >= loyalMatches
}

// search returns the alignment that fits new[at:] best, if it is better enough
// than the current one.
func (a *aligner) search(h uint64, at, shift int) (best int, found bool) {
	score := a.trial(at, shift) + switchMargin
	try := func(s int) {
		if got := a.trial(at, s); s != shift && got > score {
			best, score, found = s, got, true
		}
	}
	for _, s := range a.recent {
		try(s)
	}
	for _, slot := range a.index.bucket(h) {
		if slot != 0 && slot&^(1<<32-1) == tag(h) {
			try(int(slot&(1<<32-1)) - 1 - at)
		}
	}
	return best, found
}

// remember moves an alignment to the front of the recent ones.
func (a *aligner) remember(shift int) {
	i := 0
	for i < recentCount-1 && a.recent[i] != shift {
		i++
	}
	copy(a.recent[1:i+1], a.recent[:i])
	a.recent[0] = shift
}

// trial scores how well new[at:] continues along an alignment: the best prefix,
// a byte for each match, minus two for each mismatch.
func (a *aligner) trial(at, shift int) int {
	o, n := a.from(at, shift), a.new[at:]
	limit := min(len(o), len(n), trialWindow)
	score, best := 0, 0
	for i := 0; i < limit; {
		if run := equalRun(o[i:limit], n[i:limit]); run > 0 {
			i += run
			score += run
			best = max(best, score)
			continue
		}
		i++
		if score -= 2; score < best-trialSlack {
			break
		}
	}
	return best
}

// equalRun counts the bytes that are equal from the begin of both.
func equalRun(a, b []byte) int {
	n := min(len(a), len(b))
	i := 0
	for ; i+8 <= n; i += 8 {
		if d := binary.LittleEndian.Uint64(a[i:]) ^ binary.LittleEndian.Uint64(b[i:]); d != 0 {
			return i + bits.TrailingZeros64(d)>>3
		}
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

// equalBytes counts the equal ones of eight bytes.
func equalBytes(a, b uint64) int {
	const low7 = 0x7f7f7f7f7f7f7f7f
	d := a ^ b
	// The top bit of each byte of zero becomes set where that of d is not zero.
	zero := (d&low7 + low7) | d
	return 8 - bits.OnesCount64(zero&^low7)
}
