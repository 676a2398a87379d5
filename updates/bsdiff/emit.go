package bsdiff

// span is a stretch of new, from lo to hi, that lies at lo+off in old.
type span struct {
	lo, hi, off int
}

// stitch joins the spans of consecutive segments.
func stitch(segments [][]span) []span {
	var all []span
	for _, s := range segments {
		for _, next := range s {
			if n := len(all); n > 0 && all[n-1].hi == next.lo && all[n-1].off == next.off {
				all[n-1].hi = next.hi
				continue
			}
			all = append(all, next)
		}
	}
	return all
}

// triples writes spans as control; what lies between them is inserted.
func triples(spans []span, newSize int) []Triple {
	var control []Triple
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
