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
	recentCount = 8 // former alignments that are tried first
	// An alignment is kept without search while at least loyalMatches of the
	// next loyalWindow bytes fit: it is only a number that has changed.
	loyalWindow  = 40
	loyalMatches = 30
	// To replace the alignment, a candidate must fit better by this many bytes.
	switchMargin = 7
	// How far ahead a candidate is tried, and how far it may fall behind its
	// own best before that ends.
	trialWindow = 512
	trialSlack  = 48
)

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

// align returns the turns, by place. The index, made for old's size, is filled
// anew.
func align(x *index, old, new []byte) []turn {
	x.fill(old)
	a := &aligner{old: old, new: new, index: x}
	a.turns = []turn{{0, 0}}
	shift := 0
	last := len(new) - a.index.length
	for at := 0; at < len(new); at++ {
		at += equalRun(a.from(at, shift), new[at:])
		if at > last {
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
	part, key := split(h)
	for _, s := range a.index.bucket(part, key) {
		if s.place() >= 0 && s.key() == key {
			try(s.place() - at)
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
