package bsdiff

import (
	"runtime"
	"slices"
	"sync"
)

// Options of Diff. They change how long it takes, never the patch.
type Options struct {
	Workers int // segments compared at a time; 0 means one per CPU
}

// segmentSize cuts the new file into parts that are compared independently.
// It is fixed: the patch must not depend on the machine.
const segmentSize = 16 << 20

// worthCollecting is how large an old file must be for its tables to be collected at
// once, which takes a millisecond.
const worthCollecting = 1 << 20

// Diff returns a patch that makes new out of old. Five passes, each linear:
//
//  1. Anchors of old, sampled by content, are indexed.
//  2. Each segment of new is scanned: as long as it stays nearly aligned
//     there is next to no search, for a relocated pointer is no reason to
//     look elsewhere. What has no good alignment is a gap.
//  3. Tables of records, whose words all change when code moves, are held
//     against those of old by what is the same in them: their rises.
//  4. What is still a gap is indexed densely, and all of old is held against it.
//  5. From all alignments found, choose takes those that make the patch
//     cheapest, by an estimate of what xz will do with it.
func Diff(old, new []byte, o Options) (*Patch, error) {
	if err := checkSizes(len(old), len(new)); err != nil {
		return nil, err
	}
	p := &Patch{Old: old, New: new}
	if len(new) == 0 {
		return p, nil
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	d := &differ{old: old, new: new, anchors: indexAnchors(old)}
	segments := cut(len(new))
	found := make([][]span, len(segments))
	gaps := make([][]gap, len(segments))
	each(len(segments), o.Workers, func(i int) {
		found[i], gaps[i] = d.scan(segments[i].lo, segments[i].hi)
	})
	records := d.indexRecords(d.anchors.slots)
	each(len(segments), o.Workers, func(i int) {
		runs := d.findRecords(records, segments[i].lo, segments[i].hi)
		found[i] = append(found[i], runs...)
		gaps[i] = outside(gaps[i], runs)
	})
	f := newGapFinder(d, slices.Concat(gaps...), d.anchors.slots)
	parts := cut(len(old))
	each(len(parts), o.Workers, func(i int) { f.search(parts[i].lo, parts[i].hi) })
	d.anchors, f.seeds, f.filter = table{}, table{}, nil
	if len(old) > worthCollecting {
		// The tables are as large as old: choose finds room in theirs, where the
		// collector would wait until the heap has doubled once more.
		runtime.GC()
	}
	each(len(segments), o.Workers, func(i int) {
		lo, hi := segments[i].lo, segments[i].hi
		found[i] = d.choose(lo, hi, f.found(found[i], lo, hi))
	})
	p.Control = triples(stitch(found), len(new))
	return p, nil
}

// differ is what the segments of one pair share, all of it read-only.
type differ struct {
	old, new []byte
	anchors  table // of old
}

// cut divides n bytes into segments.
func cut(n int) []span {
	var parts []span
	for lo := 0; lo < n; lo += segmentSize {
		parts = append(parts, span{lo: lo, hi: min(lo+segmentSize, n)})
	}
	return parts
}

// each calls f for 0 to n-1, at most workers at a time, and returns when all
// are done.
func each(n, workers int, f func(int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(n, workers) {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}
