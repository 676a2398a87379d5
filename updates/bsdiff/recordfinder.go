package bsdiff

import "slices"

const (
	recordMiss  = 6   // what a run of records loses by a rise that differs; one that does not wins its bits
	recordDrop  = 512 // it is given up when it falls so far below its best
	recordWorth = 40  // score that a run must have
	recordWalks = 16  // bytes walked along runs, for each of new: the bound for hostile files
)

// recordIndex finds records of old by the hash of their rises: hash and
// position of each window, sorted.
type recordIndex []uint64

// indexRecords indexes old, in the memory of an index that is done with.
func (d *differ) indexRecords(memory []uint64) recordIndex {
	index := recordIndex(memory[:0])
	eachRecordBlock(d.old, 0, len(d.old)-recordWindow-4, func(lo, hi, size int) {
		w := windowAt(d.old, lo, size)
		for i := lo; i < hi; i += 4 {
			if h, ok := w.hash(size); ok {
				index = append(index, h>>32<<32|uint64(i))
			}
			w.next(d.old, i, size)
		}
	})
	slices.Sort(index)
	return index
}

// nearest returns the position of the hash h that is nearest to at.
func (x recordIndex) nearest(h uint64, at int) (pos int, ok bool) {
	key := h >> 32 << 32
	n, _ := slices.BinarySearch(x, key|uint64(max(at, 0)))
	for _, v := range x[max(n-1, 0):min(n+1, len(x))] {
		if p := int(uint32(v)); v>>32 == key>>32 && (!ok || p-at < at-pos) {
			pos, ok = p, true
		}
	}
	return pos, ok
}

// recordFinder walks through new[lo:hi]. It keeps to an alignment while rises
// agree; where they do not, the nearest takes its place in which they do.
type recordFinder struct {
	*differ
	index  recordIndex
	lo, hi int
	found  []span
	cur    span
	seen   [64]span // by offset, the last runs found
	walks  int      // bytes that may still be walked along runs
}

// findRecords returns the alignments of the tables in new[lo:hi].
func (d *differ) findRecords(index recordIndex, lo, hi int) []span {
	f := recordFinder{differ: d, index: index, lo: lo, hi: hi, walks: recordWalks * (hi - lo)}
	eachRecordBlock(d.new, lo, hi, f.block)
	return f.found
}

func (f *recordFinder) block(lo, hi, size int) {
	hi = min(hi, len(f.new)-recordWindow-4)
	agree := lo // rises agree from pos to here
	var w window
	known := -1 // where w stands
	for pos := lo; pos < hi; pos += 4 {
		agree = max(agree, pos)
		for agree < pos+recordWindow && f.sameRise(agree, f.cur.off, size) {
			agree += 4
		}
		if agree == pos+recordWindow && pos < f.cur.hi {
			continue
		}
		if known == pos-4 {
			w.next(f.new, known, size)
		} else {
			w = windowAt(f.new, pos, size)
		}
		known = pos
		if h, ok := w.hash(size); ok && f.realign(pos, size, h) {
			agree = pos
		}
	}
}

// realign looks for a better alignment at pos, where windows hash to h, and
// reports whether it is the current one from now on.
func (f *recordFinder) realign(pos, size int, h uint64) bool {
	at, ok := f.index.nearest(h, pos+f.cur.off)
	if !ok || at == pos+f.cur.off && pos < f.cur.hi {
		return false
	}
	last := &f.seen[uint(at-pos)/4%uint(len(f.seen))]
	if last.off != at-pos || pos < last.lo || pos >= last.hi {
		if f.walks < 0 {
			return false
		}
		s, score := f.run(pos, at-pos, size)
		f.walks -= s.hi - s.lo
		if score < recordWorth {
			return false
		}
		*last = s
		f.found = append(f.found, s)
	}
	f.cur = *last
	return true
}

// sameRise reports whether the word at i of new rises as the one at i+off of
// old.
func (d *differ) sameRise(i, off, size int) bool {
	return i+4 <= len(d.new) && i+off >= size && i+off+4 <= len(d.old) &&
		rise(d.new, i, size) == rise(d.old, i+off, size)
}

// run follows an alignment of records in both directions, as far as it may be
// of use, and returns its score.
func (f *recordFinder) run(pos, off, size int) (span, int) {
	first, before := f.walkRun(pos, -4, off, size)
	last, after := f.walkRun(pos, 4, off, size)
	return span{lo: max(first-size, f.lo, -off), hi: last + 4, off: off, records: true}, before + after
}

// walkRun returns the word, from pos on in steps, at which a run is at its best.
func (f *recordFinder) walkRun(pos, step, off, size int) (best, score int) {
	best = pos
	for i, sum := pos, 0; i-size >= f.lo && i+4 <= f.hi && i+off >= size && i+off+4 <= len(f.old); i += step {
		r := rise(f.new, i, size)
		if r == rise(f.old, i+off, size) {
			sum += riseBits(r)
		} else {
			sum -= recordMiss
		}
		if sum >= score {
			best, score = i, sum
		} else if sum < score-recordDrop {
			break
		}
	}
	return best, score
}
