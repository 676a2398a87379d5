package bsdiff

import (
	"cmp"
	"slices"
)

// gap is a stretch of new without a good alignment.
type gap struct {
	lo, hi int
	cell   int // number of its first cell
}

// outside returns what of the gaps none of the runs covers.
func outside(gaps []gap, runs []span) []gap {
	if len(runs) == 0 {
		return gaps
	}
	slices.SortFunc(runs, func(a, b span) int { return cmp.Compare(a.lo, b.lo) })
	left := make([]gap, 0, len(gaps)+len(runs))
	next, covered := 0, 0
	for _, g := range gaps {
		for g.lo < g.hi {
			for next < len(runs) && runs[next].lo <= g.lo {
				covered = max(covered, runs[next].hi)
				next++
			}
			if covered > g.lo {
				g.lo = min(covered, g.hi)
				continue
			}
			end := g.hi
			if next < len(runs) {
				end = min(end, runs[next].lo)
			}
			left = append(left, gap{lo: g.lo, hi: end})
			g.lo = end
		}
	}
	return left
}
