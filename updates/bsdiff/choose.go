package bsdiff

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// What a byte costs after compression, in sixteenths of a bit.
const (
	costZero      = 1   // diff 0 after diff 0
	costBack      = 24  // diff 0 after another
	costChange    = 112 // another after diff 0
	costChanged   = 80  // another after another
	costAgain     = 32  // another after diff 0, beginning a word seen before
	costEcho      = 3   // the next byte of a repetition
	costRepeat    = 40  // taking up the last repetition again
	sameMatch     = 16
	costInsert    = 48  // a byte of extra
	costTriple    = 900 // entering an alignment
	maxContenders = 16
)

// wordsSeen remembers, by hash, the last words of four diff bytes: when a
// function moves, every call of it changes by the same word.
const wordsLog = 12

// diffWord remembers a word and when it was met last.
type diffWord struct {
	word, site uint32
	pos, off   int
}

// lane is one alignment during choose: the cheapest way to have new up to
// here with its last byte in this alignment.
type lane struct {
	span
	cost  int
	dirty bool // the last diff byte was not 0
	last  int  // position of that byte, or of the last such one
	// The last repetition: diff is as it was dist before, under echoOff.
	dist, echoOff int
	since         int // new position where that way entered the alignment
	from          int // step before it
	step          int // its own step once somebody followed it, or -1
}

// step is a link of the ways: aligned at off (or inserted) from lo on. There
// are many, and all its numbers fit 32 bits, for the files do.
type step struct {
	lo, off, from int32
	inserted      bool
}

// firstSteps is the room for steps to begin with, in a segment of 16 MiB.
const firstSteps = 1 << 12

type chooser struct {
	*differ
	insert lane
	lanes  []lane
	steps  []step
	words  [1 << wordsLog]diffWord
	sites  uint32 // diff words met so far
}

// choose picks, for each byte of new[lo:hi], one of the alignments found or
// none, so that the estimated cost of the whole is least. The answer takes
// the place of found.
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
	return c.trace(hi, found[:0])
}

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
	if s.hi <= pos {
		return
	}
	l := lane{span: s}
	best := c.best()
	c.follow(&l, best, pos, best.cost+costTriple)
	if len(c.lanes) < maxContenders {
		c.lanes = append(c.lanes, l)
		return
	}
	// No room: the one that ends first makes way.
	worst := 0
	for i := range c.lanes {
		if c.lanes[i].hi < c.lanes[worst].hi {
			worst = i
		}
	}
	if c.lanes[worst].hi < l.hi {
		c.lanes[worst] = l
	}
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
					c.back(l, pos)
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
					c.back(l, pos)
				} else {
					l.cost += costZero
				}
			} else {
				c.change(l, pos)
			}
		}
		c.insert.cost += costInsert
		pos++
		c.settle(pos)
	}
}

// change pays for a diff byte that is not 0.
func (c *chooser) change(l *lane, pos int) {
	d := c.new[pos] - c.old[pos+l.off]
	near := pos-l.last <= sameMatch
	l.last = pos
	if l.dist > 0 && c.echo(l, pos) == d {
		if near {
			l.cost += costEcho
		} else {
			l.cost += costRepeat
		}
		l.dirty = true
		return
	}
	cost := costChange
	if l.dirty {
		cost = costChanged
	}
	l.dirty = true
	at := pos + l.off
	if at+4 <= len(c.old) && pos+4 <= len(c.new) {
		x, y := uint64(binary.LittleEndian.Uint32(c.new[pos:])), uint64(binary.LittleEndian.Uint32(c.old[at:]))
		w := uint32(((x | high) - (y &^ high)) ^ ((x ^ ^y) & high))
		slot := &c.words[w*0x9e3779b1>>(32-wordsLog)]
		c.sites++
		if slot.word == w && slot.pos < pos {
			if again := costAgain + 16*bits.Len32(c.sites-slot.site); again < cost {
				cost = again
				l.dist, l.echoOff = pos-slot.pos, slot.off
			}
		}
		*slot = diffWord{word: w, site: c.sites, pos: pos, off: l.off}
	}
	l.cost += cost
}

// echo returns the diff byte that stood where l's last repetition says.
func (c *chooser) echo(l *lane, pos int) byte {
	q := pos - l.dist
	if at := q + l.echoOff; at < len(c.old) {
		return c.new[q] - c.old[at]
	}
	return 0
}

// back pays for a diff byte of 0 after others.
func (c *chooser) back(l *lane, pos int) {
	l.dirty = false
	if l.dist > 0 && c.echo(l, pos) == 0 {
		l.cost += costZero
		return
	}
	l.cost += costBack
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
