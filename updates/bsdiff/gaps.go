package bsdiff

import (
	"cmp"
	"math/bits"
	"slices"
	"sync"
)

// The scan looks for anchors, one position in a few. What it could not
// explain that way, the gaps, is a small part of new as a rule; so the tables
// are turned: every seed of the gaps goes into an index, and all of old
// is held against it. A search as thorough as a suffix array's costs
// one pass over old.
const (
	gapSeed    = 10 // less finds chance, more misses code between two pointers
	gapMinimum = 24 // shorter gaps are left alone: two seeds do not pay for a triple
	gapJoin    = 32 // gaps closer than that are one, so that its seeds may span them
	gapWorth   = 32 // score that a candidate must have; less cannot pay for a triple
	gapExtend  = 256
	gapAround  = 18 // of the 32 bytes around a seed, so many may differ for it to be looked at

	// What a cell keeps bounds the memory: 48 bytes for 64 of a gap.
	gapCell = 64 // bytes of a gap that share their candidates
	gapBest = 3  // candidates a cell keeps

	// Old is looked at in every gapStride-th place, so that a match longer
	// than gapSeed+gapStride is met; and so many places lead to a look at
	// the bytes themselves that a hostile pair costs no more than a few
	// passes over old.
	gapStride = 4
	gapAsks   = 24 // bytes of old for each candidate looked at, on average

	// At least so many bytes of old for each seed indexed: the index then
	// fits in the memory of the anchors' table, one in eight.
	gapIndexPer = 8
	gapIndexMin = 1 << 14 // but as many as this of a small file
	filterSeeds = 4       // seeds for each word of the filter: one bit in sixteen is set
)

// candidate is an alignment found for a cell; compact, for there are many.
type candidate struct {
	lo, hi, off, score int32
}

// rank orders candidates from the best.
func rank(a, b candidate) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.off, b.off), cmp.Compare(a.lo, b.lo), cmp.Compare(b.hi, a.hi))
}

type gapFinder struct {
	*differ
	gaps       []gap
	sampleBits uint
	seeds      table
	filter     []uint64
	cells      [][gapBest]candidate
	locks      [256]sync.Mutex
}

// gapHash returns the hash of the seed at i.
func gapHash(b []byte, i int) (h uint64, ok bool) {
	v := load64(b, i)
	return seedHash((v+mixB)*mixA, load64(b, i+gapSeed-8)), !monotone(v)
}

// newGapFinder indexes the gaps, in the memory of an index that is done with.
func newGapFinder(d *differ, gaps []gap, memory []uint64) *gapFinder {
	f := &gapFinder{differ: d}
	seeds := 0
	cells := 0
	for _, g := range gaps {
		if g.hi-g.lo < gapMinimum {
			continue
		}
		g.cell = cells
		cells += (g.hi-g.lo)/gapCell + 1
		seeds += g.hi - g.lo
		f.gaps = append(f.gaps, g)
	}
	if seeds == 0 {
		return f
	}
	for seeds>>f.sampleBits > max(len(d.old)/gapIndexPer, gapIndexMin) {
		f.sampleBits++
	}
	seeds >>= f.sampleBits
	f.seeds = newTable(seeds, memory)
	f.filter = make([]uint64, 1<<bits.Len(uint(seeds/filterSeeds)))
	f.cells = make([][gapBest]candidate, cells)
	for _, g := range f.gaps {
		for i := g.lo; i < g.hi && i+gapSeed <= len(d.new); i++ {
			if h, ok := gapHash(d.new, i); ok && f.sampled(h) {
				word, bit := f.filterBit(h)
				f.filter[word] |= bit
				f.seeds.put(h, i)
			}
		}
	}
	f.seeds.flush()
	return f
}

// sampled reports whether seeds that hash to h take part.
func (f *gapFinder) sampled(h uint64) bool { return h<<(64-f.sampleBits) == 0 }

// filterBit returns the bit that is set if a seed may be in the index. The
// filter stays in the processor's cache where the index does not.
func (f *gapFinder) filterBit(h uint64) (word int, bit uint64) {
	n := h >> 8 & (uint64(len(f.filter))*64 - 1)
	return int(n / 64), 1 << (n % 64)
}

// search holds old[lo:hi] against the gaps.
func (f *gapFinder) search(lo, hi int) {
	if len(f.gaps) == 0 {
		return
	}
	var seen [256]span // by offset, the last candidates looked at
	asks := (hi - lo) / gapAsks
	hi = min(hi, len(f.old)-gapSeed+1)
	for i := lo; i < hi; i += gapStride {
		h, ok := gapHash(f.old, i)
		if !ok || !f.sampled(h) {
			continue
		}
		if word, bit := f.filterBit(h); f.filter[word]&bit == 0 {
			continue
		}
		for _, v := range f.seeds.bucket(h) {
			pos, ok := position(v, h)
			if !ok {
				continue
			}
			off := i - pos
			last := &seen[uint(off)%256]
			if last.off == off && last.lo <= pos && pos < last.hi {
				continue
			}
			if asks--; asks < 0 {
				return
			}
			if !f.promising(pos, i) {
				continue
			}
			s, score := f.judge(pos, off)
			*last = s
			if score >= gapWorth {
				f.keep(pos, candidate{int32(s.lo), int32(s.hi), int32(off), int32(score)})
			}
		}
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
	n, _ := slices.BinarySearchFunc(f.gaps, pos, func(g gap, pos int) int {
		if g.hi <= pos {
			return -1
		}
		return 1
	})
	cell := f.gaps[n].cell + (pos-f.gaps[n].lo)/gapCell
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

// found appends to spans the candidates for new[lo:hi], cut to it.
func (f *gapFinder) found(spans []span, lo, hi int) []span {
	for _, g := range f.gaps {
		if g.hi <= lo || g.lo >= hi {
			continue
		}
		for _, cell := range f.cells[g.cell : g.cell+(g.hi-g.lo)/gapCell+1] {
			for _, c := range cell {
				s := span{lo: max(int(c.lo), lo), hi: min(int(c.hi), hi), off: int(c.off)}
				if c.score > 0 && s.lo < s.hi {
					spans = append(spans, s)
				}
			}
		}
	}
	return spans
}
