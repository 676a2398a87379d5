package bsdiff

import (
	"cmp"
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
	gapCell = 64  // bytes of a gap that share their candidates
	gapBest = 3   // candidates a cell keeps
	gapNear = 512 // bytes of new for which one gap is remembered, so that a cell is found at once

	// At most one place of old for gapAsks bytes leads to a look at the bytes
	// themselves, so that a hostile pair costs no more than a few passes over
	// old. Tables of large programs use that up: with 24 bytes for each look
	// their patches are 1 % larger, with 6 hardly smaller.
	gapAsks = 12

	// At least so many bytes of old for each seed indexed: the index then
	// fits in the memory of the anchors' table, one in eight.
	gapIndexPer = 8
	gapIndexMin = 1 << 14 // but as many as this of a small file
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
	near       []int32 // the first gap that ends behind each gapNear-th place of new
	sampleBits uint
	seeds      table
	filter     filter
	cells      [][gapBest]candidate
	locks      [256]sync.Mutex
}

// gapHash returns the hash of the seed at i.
func gapHash(b []byte, i int) (h uint64, ok bool) {
	v := load64(b, i)
	return seedHash((v+mixB)*mixA, load64(b, i+gapSeed-8)), !monotone(v)
}

// newGapFinder indexes the gaps, in the memory of an index that is done with, and
// keeps the list of them.
func newGapFinder(d *differ, gaps []gap, memory []uint64) *gapFinder {
	f := &gapFinder{differ: d, gaps: gaps[:0]}
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
	f.filter = newFilter(seeds, f.seeds.slots[len(f.seeds.slots):])
	f.cells = make([][gapBest]candidate, cells)
	for _, g := range f.gaps {
		for i := g.lo; i < g.hi && i+gapSeed <= len(d.new); i++ {
			if h, ok := gapHash(d.new, i); ok && f.sampled(h) {
				f.filter.put(load64(d.new, i), load64(d.new, i+gapSeed-8))
				f.seeds.put(h, i)
			}
		}
	}
	f.seeds.flush()
	for n, g := range f.gaps {
		for len(f.near)*gapNear < g.hi {
			f.near = append(f.near, int32(n))
		}
	}
	return f
}

// cell returns the number of the cell of pos, which is in a gap.
func (f *gapFinder) cell(pos int) int {
	n := f.near[pos/gapNear]
	for f.gaps[n].hi <= pos {
		n++
	}
	return f.gaps[n].cell + (pos-f.gaps[n].lo)/gapCell
}

// sampled reports whether seeds that hash to h take part.
func (f *gapFinder) sampled(h uint64) bool { return h<<(64-f.sampleBits) == 0 }

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
