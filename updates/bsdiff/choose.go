package bsdiff

import "slices"

// What a byte costs after compression, in sixteenths of a bit.
const (
	costZero      = 1   // diff 0 after diff 0
	costBack      = 40  // diff 0 after another
	costChange    = 176 // another after diff 0
	costChanged   = 112 // another after another
	costInsert    = 64  // a byte of extra
	costTriple    = 768 // entering an alignment
	maxContenders = 8
)

// lane is one alignment during choose: the cheapest way to have new up to
// here with its last byte in this alignment.
type lane struct {
	span
	cost  int
	dirty bool // the last diff byte was not 0
	since int  // new position where that way entered the alignment
	from  int  // step before it
	step  int  // its own step once somebody followed it, or -1
}

// step is a link of the ways: aligned at off (or inserted) from lo on.
type step struct {
	lo, off  int
	inserted bool
	from     int
}

type chooser struct {
	*differ
	insert lane
	lanes  []lane
	steps  []step
}

// choose picks, for each byte of new[lo:hi], one of the alignments found or
// none, so that the estimated cost of the whole is least.
func (d *differ) choose(lo, hi int, found []span) []span {
	slices.SortStableFunc(found, func(a, b span) int { return a.lo - b.lo })
	c := &chooser{differ: d, insert: lane{since: lo, from: -1, step: -1}}
	pos := lo
	for next := 0; pos < hi; {
		for next < len(found) && found[next].lo <= pos {
			c.enter(found[next], pos)
			next++
		}
		c.lanes = slices.DeleteFunc(c.lanes, func(l lane) bool { return l.hi <= pos })
		until := hi
		if next < len(found) {
			until = min(until, found[next].lo)
		}
		for _, l := range c.lanes {
			until = min(until, l.hi)
		}
		c.advance(pos, until)
		// The lanes that end here must hand over before they are removed.
		for i := range c.lanes {
			if c.lanes[i].hi <= until {
				c.handOver(&c.lanes[i], until)
			}
		}
		pos = until
	}
	return c.trace(hi)
}

// stepOf names the way that l stands for, so that others can follow it.
func (c *chooser) stepOf(l *lane) int {
	if l.step < 0 {
		l.step = len(c.steps)
		c.steps = append(c.steps, step{lo: l.since, off: l.off, inserted: l == &c.insert, from: l.from})
	}
	return l.step
}

// follow makes l the continuation of other at pos.
func (c *chooser) follow(l, other *lane, pos, cost int) {
	from := c.stepOf(other)
	l.cost, l.since, l.from, l.step, l.dirty = cost, pos, from, -1, false
}

func (c *chooser) handOver(l *lane, pos int) {
	if l.cost < c.insert.cost {
		c.follow(&c.insert, l, pos, l.cost)
	}
}

func (c *chooser) best() *lane {
	best := &c.insert
	for i := range c.lanes {
		if c.lanes[i].cost < best.cost {
			best = &c.lanes[i]
		}
	}
	return best
}

func (c *chooser) enter(s span, pos int) {
	for i := range c.lanes {
		if l := &c.lanes[i]; l.off == s.off && l.hi > pos {
			l.hi = max(l.hi, s.hi)
			return
		}
	}
	if s.hi <= pos || len(c.lanes) >= maxContenders {
		return
	}
	l := lane{span: s}
	best := c.best()
	c.follow(&l, best, pos, best.cost+costTriple)
	c.lanes = append(c.lanes, l)
}

// advance pays for new[pos:until], where the set of lanes stays the same.
func (c *chooser) advance(pos, until int) {
	if len(c.lanes) == 0 {
		c.insert.cost += (until - pos) * costInsert
		return
	}
	for pos < until {
		if len(c.lanes) == 1 {
			l := &c.lanes[0]
			if r := equalRun(c.old[pos+l.off:], c.new[pos:until]); r > 0 {
				l.cost += r * costZero
				if l.dirty {
					l.cost += costBack
					l.dirty = false
				}
				c.insert.cost += r * costInsert
				pos += r
				c.settle(pos)
				continue
			}
		}
		b := c.new[pos]
		for i := range c.lanes {
			l := &c.lanes[i]
			if c.old[pos+l.off] == b {
				if l.dirty {
					l.cost += costBack
					l.dirty = false
				} else {
					l.cost += costZero
				}
			} else if l.dirty {
				l.cost += costChanged
			} else {
				l.cost += costChange
				l.dirty = true
			}
		}
		c.insert.cost += costInsert
		pos++
		c.settle(pos)
	}
}

// settle lets each lane start over from the cheapest where that is cheaper.
func (c *chooser) settle(pos int) {
	best := c.best()
	if best != &c.insert && best.cost < c.insert.cost {
		c.follow(&c.insert, best, pos, best.cost)
	}
	for i := range c.lanes {
		if l := &c.lanes[i]; l.cost > best.cost+costTriple {
			c.follow(l, best, pos, best.cost+costTriple)
		}
	}
}

// trace follows the cheapest way back from hi.
func (c *chooser) trace(hi int) []span {
	var spans []span
	for at := c.stepOf(c.best()); at >= 0; at = c.steps[at].from {
		if s := c.steps[at]; !s.inserted && s.lo < hi {
			spans = append(spans, span{lo: s.lo, hi: hi, off: s.off})
		}
		hi = min(hi, c.steps[at].lo)
	}
	slices.Reverse(spans)
	return spans
}
