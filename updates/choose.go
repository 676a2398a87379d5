package updates

import (
	"cmp"
	"slices"
)

// maxNodes ends a search that limits have made hard: about a second.
const maxNodes = 2_000_000

// choose marks the choices that together gain most within the limits, and says
// whether that is proven. Without limits that is every gain above zero; with
// them it is a knapsack of several dimensions, searched by branch and bound:
// take or leave each choice, best gain for its weight first, and give up a
// branch when even an easier problem (one limit at a time, and choices that
// can be cut) could not beat what was found.
func choose(choices []Choice, limits AdviseLimits) bool {
	s := &search{limits: limits, left: map[string]int{}}
	for i, c := range choices {
		if c.gain > 0 {
			s.items = append(s.items, item{Choice: c, at: i})
			s.left[c.Platform] = limits.PerPlatform
		}
	}
	slices.SortStableFunc(s.items, func(a, b item) int {
		return cmp.Compare(b.gain*s.weight(a), a.gain*s.weight(b))
	})
	s.byStored = s.order(func(it item) float64 { return float64(it.Stored) })
	s.byCPU = s.order(item.totalCPU)
	s.visit(0, 0, float64(limits.Stored), limits.CPUSeconds)
	for _, at := range s.best {
		choices[at].Advised = true
	}
	return s.nodes < maxNodes
}

type item struct {
	Choice
	at int // in the caller's list
}

type search struct {
	limits          AdviseLimits
	items           []item
	byStored, byCPU []int          // items by gain for that cost, best first
	left            map[string]int // partials that a platform may still get
	taken           []int
	best            []int
	bestGain        float64
	nodes           int
}

// weight is the share of the limits that an item uses up.
func (s *search) weight(it item) float64 {
	w := 1e-9 // no limit: all weigh the same
	if s.limits.PerPlatform > 0 {
		w += 1 / float64(s.limits.PerPlatform)
	}
	if s.limits.Stored > 0 {
		w += float64(it.Stored) / float64(s.limits.Stored)
	}
	if s.limits.CPUSeconds > 0 {
		w += it.totalCPU() / s.limits.CPUSeconds
	}
	return w
}

func (s *search) order(cost func(item) float64) []int {
	order := make([]int, len(s.items))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(s.items[b].gain*cost(s.items[a]), s.items[a].gain*cost(s.items[b]))
	})
	return order
}

// visit decides about item i and those after it.
func (s *search) visit(i int, gain, stored, cpu float64) {
	if s.nodes++; s.nodes >= maxNodes {
		return
	}
	if gain > s.bestGain {
		s.bestGain, s.best = gain, slices.Clone(s.taken)
	}
	if i == len(s.items) || gain+s.bound(i, stored, cpu) <= s.bestGain {
		return
	}
	it := s.items[i]
	l := s.limits
	if (l.PerPlatform == 0 || s.left[it.Platform] > 0) &&
		(l.Stored == 0 || float64(it.Stored) <= stored) && (l.CPUSeconds == 0 || it.totalCPU() <= cpu) {
		s.left[it.Platform]--
		s.taken = append(s.taken, it.at)
		s.visit(i+1, gain+it.gain, stored-float64(it.Stored), cpu-it.totalCPU())
		s.taken = s.taken[:len(s.taken)-1]
		s.left[it.Platform]++
	}
	s.visit(i+1, gain, stored, cpu)
}

// bound is what the items from i on can add at most.
func (s *search) bound(i int, stored, cpu float64) float64 {
	var b float64
	for _, it := range s.items[i:] {
		b += it.gain
	}
	if s.limits.PerPlatform > 0 {
		b = min(b, s.countBound(i))
	}
	if s.limits.Stored > 0 {
		b = min(b, s.fractional(i, s.byStored, stored, func(it item) float64 { return float64(it.Stored) }))
	}
	if s.limits.CPUSeconds > 0 {
		b = min(b, s.fractional(i, s.byCPU, cpu, item.totalCPU))
	}
	return b
}

// countBound takes each platform's best, as many as it may have.
func (s *search) countBound(i int) (b float64) {
	used := map[string]int{}
	rest := slices.Clone(s.items[i:])
	slices.SortStableFunc(rest, func(a, b item) int { return cmp.Compare(b.gain, a.gain) })
	for _, it := range rest {
		if used[it.Platform] < s.left[it.Platform] {
			used[it.Platform]++
			b += it.gain
		}
	}
	return b
}

// fractional fills one limit with the items that gain most for that cost, the
// last one in part.
func (s *search) fractional(i int, order []int, room float64, cost func(item) float64) (b float64) {
	for _, n := range order {
		if n < i {
			continue
		}
		it := s.items[n]
		if c := cost(it); c > room {
			return b + it.gain*room/c
		} else {
			room -= c
			b += it.gain
		}
	}
	return b
}
