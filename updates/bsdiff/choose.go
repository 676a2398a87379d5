package bsdiff

import "slices"

const (
	// Alignments that compete for a byte; it bounds the time that repetitive
	// files can cost.
	maxContenders = 64
	// An alignment that is still in the race where its span ends goes on for
	// so many bytes more: in a table many fit, and which of them fits best
	// shows only in how their differences repeat.
	liveOn = 256
	// By how much more than starting over from the cheapest an alignment of
	// records may cost: what repeats in it must be paid once before it shows.
	// All others are better off starting over at once, where they begin to fit.
	patience = 1000
)

// lane is one alignment during choose: the cheapest way to have new up to
// here with its last byte in this alignment.
type lane struct {
	span
	cost  int
	dirty bool // the last diff byte was not 0
	last  int  // position of that byte, or of the last such one
	dist  int  // the last repetition: diff is as it was so far before, or 0
	since int  // new position where that way entered the alignment
	until int  // new position where patience with it ends
	from  int  // step before it
	step  int  // its own step once somebody followed it, or -1
}

type chooser struct {
	*differ
	insert lane
	lanes  []lane // those awake
	asleep []sleeper
	wake   int // new position where the first of them wakes
	steps  []step
	words  [1 << wordsLog]diffWord
}

// choose picks, for each byte of new[lo:hi], one of the alignments found or
// none, so that the estimated cost of the whole is least. The answer takes
// the place of found.
func (d *differ) choose(lo, hi int, found []span) []span {
	slices.SortStableFunc(found, func(a, b span) int { return a.lo - b.lo })
	c := &chooser{differ: d, insert: lane{since: lo, from: -1, step: -1}, wake: hi}
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
		pos = c.advance(pos, until)
		c.end(pos, hi)
	}
	return c.trace(hi, found[:0])
}

// end lets the lanes that end at pos live on, or hand over before they are
// removed.
func (c *chooser) end(pos, limit int) {
	inRace := c.best().cost + costTriple/2
	for i := range c.lanes {
		l := &c.lanes[i]
		if l.hi > pos {
			continue
		}
		if l.cost <= inRace {
			l.hi = min(pos+liveOn, limit, len(c.old)-l.off)
		}
		if l.hi <= pos && l.cost < c.insert.cost {
			c.follow(&c.insert, l, pos, l.cost)
		}
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

// enter adds an alignment from pos on.
func (c *chooser) enter(s span, pos int) {
	for i := range c.lanes {
		if l := &c.lanes[i]; l.off == s.off && l.hi > pos {
			l.hi = max(l.hi, s.hi)
			l.until = max(l.until, s.patient())
			return
		}
	}
	for i := range c.asleep {
		other := &c.asleep[i]
		if other.off != s.off || other.hi <= pos {
			continue
		}
		s.hi = max(s.hi, other.hi)
		if !s.records {
			other.hi = s.hi
			return
		}
		c.asleep = slices.Delete(c.asleep, i, i+1)
		break
	}
	switch {
	case s.hi <= pos || !c.room(s.hi):
	case s.records:
		c.start(s, pos)
	default:
		c.sleep(s, pos)
	}
}

// start begins a lane at pos, from the cheapest.
func (c *chooser) start(s span, pos int) {
	l := lane{span: s, until: s.patient()}
	best := c.best()
	c.follow(&l, best, pos, best.cost+costTriple)
	c.lanes = append(c.lanes, l)
}
