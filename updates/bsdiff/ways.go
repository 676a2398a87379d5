package bsdiff

import "slices"

// step is a link of the ways: aligned at off (or inserted) from lo on. There
// are many, and all its numbers fit 32 bits, for the files do.
type step struct {
	lo, off, from int32
	inserted      bool
}

// firstSteps is the room for steps to begin with, in a segment of 16 MiB.
const firstSteps = 1 << 12

// stepOf names the way that l stands for, so that others can follow it.
func (c *chooser) stepOf(l *lane) int {
	if l.step < 0 {
		if len(c.steps) == cap(c.steps) {
			c.collect()
		}
		l.step = len(c.steps)
		c.steps = append(c.steps, step{lo: int32(l.since), off: int32(l.off), from: int32(l.from), inserted: l == &c.insert})
	}
	return l.step
}

// collect drops the steps that no lane came by. They are nearly all: lanes
// start over from the cheapest again and again, so their ways soon join. What
// is left takes at most half of the room, so that this is linear in all.
func (c *chooser) collect() {
	lanes := []*lane{&c.insert}
	for i := range c.lanes {
		lanes = append(lanes, &c.lanes[i])
	}
	// A step comes after the one that it continues: one pass backwards finds
	// those that are needed, one forwards moves them to the front.
	needed := make([]bool, len(c.steps))
	for _, l := range lanes {
		for _, at := range []int{l.from, l.step} {
			if at >= 0 {
				needed[at] = true
			}
		}
	}
	for i := len(c.steps) - 1; i >= 0; i-- {
		if from := c.steps[i].from; needed[i] && from >= 0 {
			needed[from] = true
		}
	}
	moved := make([]int32, len(c.steps))
	kept := c.steps[:0]
	for i, s := range c.steps {
		if !needed[i] {
			continue
		}
		if s.from >= 0 {
			s.from = moved[s.from]
		}
		moved[i] = int32(len(kept))
		kept = append(kept, s)
	}
	for _, l := range lanes {
		for _, at := range []*int{&l.from, &l.step} {
			if *at >= 0 {
				*at = int(moved[*at])
			}
		}
	}
	c.steps = slices.Grow(kept, max(len(kept), firstSteps))
}

// follow makes l the continuation of other at pos.
func (c *chooser) follow(l, other *lane, pos, cost int) {
	from := c.stepOf(other)
	l.cost, l.since, l.from, l.step, l.dirty, l.dist = cost, pos, from, -1, false, 0
}

// trace follows the cheapest way back from hi and appends it to spans.
func (c *chooser) trace(hi int, spans []span) []span {
	for at := int32(c.stepOf(c.best())); at >= 0; at = c.steps[at].from {
		s := c.steps[at]
		if lo := int(s.lo); lo < hi {
			if !s.inserted {
				spans = append(spans, span{lo: lo, hi: hi, off: int(s.off)})
			}
			hi = lo
		}
	}
	slices.Reverse(spans)
	return spans
}
