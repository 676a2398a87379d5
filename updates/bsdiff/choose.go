package bsdiff

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// What a byte costs after compression, in sixteenths of a bit. The figures
// were fitted to the sizes that xz gave for the tuned pairs of package peers;
// the patch depends on how they stand to each other, and little on any one.
const (
	costZero    = 1   // diff 0 after diff 0: xz makes long matches of these
	costBack    = 24  // diff 0 after another
	costChange  = 112 // another after diff 0: a literal, and an end to the match
	costChanged = 80  // another after another
	costAgain   = 32  // another after diff 0, beginning a word seen before; more by its age
	costEcho    = 3   // the next byte of a repetition
	costRepeat  = 40  // taking up the last repetition again
	costInsert  = 48  // a byte of extra: code and text compress to about 3 bits
	costTriple  = 900 // entering an alignment: 7 bytes are left of a triple's 12
)

const (
	// A repetition goes on over this many bytes of diff 0, within the same
	// match of xz, and must be taken up again after more.
	sameMatch = 16
	// Alignments that compete for a byte; it bounds the time that repetitive
	// files can cost.
	maxContenders = 16
	// The last words of four diff bytes are remembered by hash: when a
	// function moves, every call of it changes by the same word. There are
	// 1<<wordsLog places, few enough to stay in the processor's cache.
	wordsLog = 12
)

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
