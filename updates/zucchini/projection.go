package zucchini

import (
	"cmp"
	"slices"
	"sort"
)

// A projection guesses where a place of old lies in new, by the equivalences.
// Overlapping sources are resolved first, as the format prescribes: of two, the
// longer keeps the bytes they share.
type projection struct {
	bySource         []equivalence
	oldSize, newSize uint32
}

func newProjection(equivalences []equivalence, oldSize, newSize uint32) projection {
	q := slices.Clone(equivalences)
	slices.SortFunc(q, func(a, b equivalence) int {
		// -0 is 0: empty ones come first, where they do no harm.
		return cmp.Or(cmp.Compare(a.src, b.src), cmp.Compare(-a.length, -b.length), cmp.Compare(a.dst, b.dst))
	})
	for i := 0; i < len(q); i++ {
		if q[i].length > 0 {
			i = resolveOverlap(q, i)
		}
	}
	q = slices.DeleteFunc(q, func(e equivalence) bool { return e.length == 0 })
	return projection{q, oldSize, newSize}
}

// resolveOverlap settles what q[i] shares with its successors, and returns the
// last index that is settled with it.
func resolveOverlap(q []equivalence, i int) int {
	end := q[i].srcEnd()
	next := i + 1
	for ; next < len(q) && q[next].src < end; next++ {
		if q[i].length < q[next].length {
			// A longer one takes its bytes, and all between lie within both.
			q[i].length -= end - q[next].src
			for k := i + 1; k < next; k++ {
				q[k].length = 0
			}
			return next - 1
		}
	}
	for k := i + 1; k < next; k++ {
		lost := min(q[k].length, end-q[k].src)
		q[k].length -= lost
		q[k].dst += lost
		q[k].src = end
	}
	return i
}

// exact projects an offset that an equivalence covers.
func (p *projection) exact(offset uint32) (uint32, bool) {
	q := p.bySource
	i := sort.Search(len(q), func(i int) bool { return q[i].src > offset })
	if i == 0 || offset >= q[i-1].srcEnd() {
		return 0, false
	}
	return offset - q[i-1].src + q[i-1].dst, true
}

// guess projects any offset of old, real or fake, to the nearest equivalence.
func (p *projection) guess(offset uint32) uint32 {
	if offset >= p.oldSize { // fake: keeps its distance from the end
		if d := offset - p.oldSize; d < maxAddress-p.newSize {
			return p.newSize + d
		}
		return maxAddress - 1
	}
	q := p.bySource
	i := sort.Search(len(q), func(i int) bool { return q[i].src > offset })
	// Ties go to the lower one: the distance from its end counts one less.
	if i > 0 && (i == len(q) || offset < q[i-1].srcEnd() || offset-q[i-1].srcEnd() < q[i].src-offset) {
		i--
	}
	return p.guessBy(q[i], offset)
}

func (p *projection) guessBy(q equivalence, offset uint32) uint32 {
	guess := int64(offset) - int64(q.src) + int64(q.dst)
	return uint32(min(max(guess, 0), int64(p.newSize)-1))
}

// all projects the offsets that equivalences cover, in place, and drops the
// others. The offsets must be sorted; the result is not.
func (p *projection) all(offsets []uint32) []uint32 {
	kept, q := offsets[:0], p.bySource
	for _, offset := range offsets {
		for len(q) > 0 && q[0].srcEnd() <= offset {
			q = q[1:]
		}
		if len(q) > 0 && q[0].src <= offset {
			kept = append(kept, offset-q[0].src+q[0].dst)
		}
	}
	return kept
}
