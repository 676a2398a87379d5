package bsdiff

import (
	"math/bits"
	"slices"
)

// search holds old[lo:hi] against the gaps.
func (f *gapFinder) search(lo, hi int) {
	if len(f.gaps) == 0 {
		return
	}
	s := gapSearch{gapFinder: f, asks: (hi - lo) / gapAsks}
	hi = min(hi, len(f.old)-gapSeed+1)
	var passed sieve
	for ; lo < hi && s.asks >= 0; lo += sieveBlock {
		for _, i := range passed.gapSeeds(f.old, lo, f.filter) {
			if int(i) >= hi {
				break
			}
			h, ok := gapHash(f.old, int(i))
			if !ok || !f.sampled(h) {
				continue
			}
			if s.waiting = append(s.waiting, seed{h, int(i)}); len(s.waiting) == batch {
				s.lookUp()
			}
		}
	}
	s.lookUp()
}

// gapSearch is one pass over a part of old.
type gapSearch struct {
	*gapFinder
	asks    int    // candidates that may still be looked at
	waiting []seed // of old, that may be in the index
	met     []meeting
	seen    [256]span // by offset, the last candidates looked at
}

// meeting is a seed that stands in new at pos and in old at at.
type meeting struct{ pos, at int }

// lookUp looks at what the index has for the seeds that wait: for all of them at
// once, first in the index, then in new, so that the processor waits for memory once
// and not for each.
func (s *gapSearch) lookUp() {
	s.seeds.touch(s.waiting)
	for _, w := range s.waiting {
		for _, v := range s.seeds.bucket(w.hash) {
			if pos, ok := position(v, w.hash); ok {
				s.met = append(s.met, meeting{pos, w.pos})
			}
		}
	}
	s.touchNew()
	for _, m := range s.met {
		s.look(m)
	}
	s.waiting, s.met = s.waiting[:0], s.met[:0]
}

// touchNew reads new where the meetings are; see touch of table.
//
//go:noinline
func (s *gapSearch) touchNew() (sum int) {
	for _, m := range s.met {
		sum += int(s.new[m.pos])
	}
	return sum
}

// look makes a candidate of a meeting that is worth it.
func (s *gapSearch) look(m meeting) {
	off := m.at - m.pos
	last := &s.seen[uint(off)%256]
	if last.off == off && last.lo <= m.pos && m.pos < last.hi {
		return
	}
	if s.asks--; s.asks < 0 {
		return
	}
	if !s.promising(m.pos, m.at) {
		// Nor is what the next seeds say of the same place.
		*last = span{lo: m.pos, hi: m.pos + gapSeed, off: off}
		return
	}
	c, score := s.judge(m.pos, off)
	*last = c
	if score >= gapWorth {
		s.keep(m.pos, candidate{int32(c.lo), int32(c.hi), int32(off), int32(score)})
	}
}

// promising reports whether enough of the bytes around a seed are equal, too:
// most seeds meet by chance, and are told so cheaply.
func (f *gapFinder) promising(pos, at int) bool {
	const around = 16
	if pos < around || at < around || pos+gapSeed+around > len(f.new) || at+gapSeed+around > len(f.old) {
		return true
	}
	n := 0
	for _, i := range [...]int{-16, -8, gapSeed, gapSeed + 8} {
		n += bits.OnesCount64(differing(load64(f.old, at+i) ^ load64(f.new, pos+i)))
	}
	return n <= gapAround
}

// judge extends the alignment in both directions and returns its score.
func (f *gapFinder) judge(pos, off int) (span, int) {
	s := span{lo: pos, hi: pos, off: off}
	score := f.forward(&s, gapExtend, len(f.new)) + f.backward(&s, gapExtend, 0)
	s.hi = max(s.hi, pos+1)
	return s, score
}

// keep remembers a candidate for the cell of pos, if it is among its best.
// Which ones stay does not depend on the order in which they come.
func (f *gapFinder) keep(pos int, c candidate) {
	cell := f.cell(pos)
	lock := &f.locks[cell%len(f.locks)]
	lock.Lock()
	defer lock.Unlock()
	best := &f.cells[cell]
	for i := range best {
		if best[i].off == c.off && best[i].score > 0 {
			if rank(c, best[i]) < 0 {
				best[i] = c
				slices.SortFunc(best[:], rank)
			}
			return
		}
	}
	if rank(c, best[gapBest-1]) < 0 {
		best[gapBest-1] = c
		slices.SortFunc(best[:], rank)
	}
}
