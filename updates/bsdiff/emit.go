package bsdiff

import "slices"

// span is a stretch of new, from lo to hi, that lies at lo+off in old.
type span struct {
	lo, hi, off int
	records     bool // found as records, by their rises
}

// patient returns where choose's patience with the alignment ends.
func (s span) patient() int {
	if s.records {
		return s.hi
	}
	return 0
}

// stitch puts the spans of the segments one after the other, and joins those
// that a cut has divided.
func stitch(segments [][]span) []span {
	all := slices.Concat(segments...)
	joined := all[:0]
	for _, next := range all {
		if n := len(joined); n > 0 && joined[n-1].hi == next.lo && joined[n-1].off == next.off {
			joined[n-1].hi = next.hi
			continue
		}
		joined = append(joined, next)
	}
	return joined
}

// triples writes spans as control; what lies between them is inserted.
func triples(spans []span, newSize int) []Triple {
	control := make([]Triple, 0, len(spans)+1)
	// The step being built has added up to newPos, and old stands at oldPos.
	var newPos, oldPos, added int
	flush := func(s span) {
		control = append(control, Triple{
			Add: int32(added), Insert: int32(s.lo - newPos), Seek: int32(s.lo + s.off - oldPos),
		})
	}
	for i, s := range spans {
		if i > 0 || s.lo > 0 || s.off != 0 {
			flush(s)
		}
		added = s.hi - s.lo
		newPos, oldPos = s.hi, s.hi+s.off
	}
	flush(span{lo: newSize, off: oldPos - newSize})
	return control
}
