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
	gapSeed     = 12
	gapCell     = 64 // bytes of a gap that share their candidates
	gapBest     = 3  // candidates a cell keeps
	gapWorth    = 20 // score that a candidate must have
	gapPeek     = 32 // bytes that decide whether a candidate is looked at closer
	gapMinimum  = 24 // shorter gaps are left alone
	gapJoin     = 32 // gaps closer than that are one
	gapAsks     = 4  // bytes of old for each candidate looked at, on average
	gapExtend   = 512
	gapIndexPer = 8 // bytes of old for each seed indexed, at most
)

// gap is a stretch of new without a good alignment.
type gap struct {
	lo, hi int
	cell   int // number of its first cell
}

// candidate is an alignment found for a cell.
type candidate struct {
	span
	score int
}

// rank orders candidates from the best.
func rank(a, b candidate) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.off, b.off), cmp.Compare(a.lo, b.lo))
}

type gapFinder struct {
	*differ
	gaps       []gap
	sampleBits uint
	slots      []uint64
	shift      uint
	filter     []uint64
	filterMask uint64
	cells      [][gapBest]candidate
	locks      [256]sync.Mutex
}

func gapHash(b []byte, i int) (uint64, bool) {
	v, w := load64(b, i), load64(b, i+gapSeed-8)
	h := (v + mixB) * mixA
	h = (h ^ h>>32 ^ w) * mixC
	h ^= h >> 29
	return h * mixB, v != v<<8|v>>56
}

func newGapFinder(d *differ, gaps []gap) *gapFinder {
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
	for seeds>>f.sampleBits > len(d.old)/gapIndexPer+1<<16 {
		f.sampleBits++
	}
	seeds >>= f.sampleBits
	log := uint(bits.Len(uint(seeds/(bucketSize*3/4) + 1)))
	f.slots = make([]uint64, bucketSize<<log)
	f.shift = 64 - log
	f.filter = make([]uint64, 1<<max(log, 3))
	f.filterMask = uint64(len(f.filter))*64 - 1
	f.cells = make([][gapBest]candidate, cells)
	for _, g := range f.gaps {
		for i := g.lo; i < g.hi && i+gapSeed <= len(d.new); i++ {
			h, ok := gapHash(d.new, i)
			if !ok || h<<(64-f.sampleBits) != 0 {
				continue
			}
			bit := h >> 8 & f.filterMask
			f.filter[bit/64] |= 1 << (bit % 64)
			b := f.bucket(h)
			v := h<<32 | uint64(i+1)
			last := &b[bucketSize-1]
			for j := range b {
				if b[j] == 0 {
					last = &b[j]
					break
				}
			}
			*last = v
		}
	}
	return f
}

func (f *gapFinder) bucket(h uint64) []uint64 {
	return f.slots[h>>f.shift*bucketSize:][:bucketSize:bucketSize]
}

// search holds old[lo:hi] against the gaps.
func (f *gapFinder) search(lo, hi int) {
	if f.slots == nil {
		return
	}
	var seen [256]span // by offset, the last candidates looked at
	asks := (hi - lo) / gapAsks
	hi = min(hi, len(f.old)-gapSeed+1)
	for i := lo; i < hi; i += 4 {
		h, ok := gapHash(f.old, i)
		bit := h >> 8 & f.filterMask
		if f.filter[bit/64]>>(bit%64)&1 == 0 || !ok || h<<(64-f.sampleBits) != 0 {
			continue
		}
		for _, v := range f.bucket(h) {
			if v == 0 {
				break
			}
			if uint32(v>>32) != uint32(h) {
				continue
			}
			pos := int(uint32(v)) - 1
			off := i - pos
			last := &seen[uint(off)%256]
			if last.off == off && last.lo <= pos && pos < last.hi {
				continue
			}
			if asks--; asks < 0 {
				return
			}
			c := f.judge(pos, off)
			*last = c.span
			if c.score >= gapWorth {
				f.keep(pos, c)
			}
		}
	}
}

// judge extends a candidate in both directions.
func (f *gapFinder) judge(pos, off int) candidate {
	s := span{lo: pos, hi: pos, off: off}
	fwd := f.forward(&s, gapExtend, len(f.new))
	back := f.backward(&s, gapExtend, 0)
	s.hi = max(s.hi, pos+1)
	return candidate{s, fwd + back}
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

// found returns the candidates for new[lo:hi], cut to it.
func (f *gapFinder) found(lo, hi int) []span {
	var spans []span
	for _, g := range f.gaps {
		if g.hi <= lo || g.lo >= hi {
			continue
		}
		for _, cell := range f.cells[g.cell : g.cell+(g.hi-g.lo)/gapCell+1] {
			for _, c := range cell {
				s := span{lo: max(c.lo, lo), hi: min(c.hi, hi), off: c.off}
				if c.score > 0 && s.lo < s.hi {
					spans = append(spans, s)
				}
			}
		}
	}
	return spans
}
