package updates

import (
	"cmp"
	"slices"
)

// maxSteps ends a search that limits have made hard: about a second. A step is a
// look at one item.
const maxSteps = 50_000_000

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
	s.byGain = s.order(func(item) float64 { return 1 })
	s.byStored = s.order(func(it item) float64 { return float64(it.Stored) })
	s.byCPU = s.order(item.totalCPU)
	s.rest = make([]float64, len(s.items)+1)
	for i := range s.items {
		j := len(s.items) - 1 - i
		s.rest[j] = s.rest[j+1] + s.items[j].gain
	}
	s.visit(0, 0, float64(limits.Stored), limits.CPUSeconds)
	for _, at := range s.best {
		choices[at].Advised = true
	}
	return s.steps < maxSteps
}

type item struct {
	Choice
	at int // in the caller's list
}

type search struct {
	limits   AdviseLimits
	items    []item
	rest     []float64 // what all items from each on gain
	byGain   []int     // items, best first
	byStored []int     // … by gain for that cost
	byCPU    []int
	left     map[string]int // partials that a platform may still get
	taken    []int
	best     []int
	bestGain float64
	steps    int
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

// visit decides about item i and those after it. When the search has taken too
// long, it still takes what fits on the way that it was on.
func (s *search) visit(i int, gain, stored, cpu float64) {
	if gain > s.bestGain {
		s.bestGain, s.best = gain, slices.Clone(s.taken)
	}
	if i == len(s.items) || s.steps < maxSteps && gain+s.bound(i, stored, cpu) <= s.bestGain {
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
		if s.steps >= maxSteps {
			return
		}
	}
	s.visit(i+1, gain, stored, cpu)
}

// bound is what the items from i on can add at most.
func (s *search) bound(i int, stored, cpu float64) float64 {
	b := s.rest[i]
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
	for _, n := range s.byGain {
		s.steps++
		if it := &s.items[n]; n >= i && used[it.Platform] < s.left[it.Platform] {
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
		s.steps++
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
