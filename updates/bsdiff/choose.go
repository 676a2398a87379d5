package bsdiff

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// What a byte costs after compression, in sixteenths of a bit. The figures
// began as a fit to the bits that xz spent on each 4 KiB of the diffs of the
// tuned pairs of package peers, and ended where their patches were smallest.
const (
	costZero    = 1    // diff 0 after diff 0: xz makes long matches of these
	costBack    = 24   // diff 0 after another
	costChange  = 128  // another after diff 0: a literal, and an end to the match
	costChanged = 112  // another after another
	costAgain   = -16  // a word seen before, in place of its bytes, and
	costAgainBy = 20   // for each bit of how far ago that was
	costEcho    = 3    // the next byte of a repetition
	costRepeat  = 40   // taking up the last repetition again
	costBroken  = 160  // diff 0 where the repetition has another: its match ends
	costInsert  = 52   // a byte of extra: code and text compress to about 3 bits
	costTriple  = 1400 // entering an alignment: a triple, and words that are new there
)

const (
	// A repetition goes on over this many bytes of diff 0, within the same
	// match of xz, and must be taken up again after more.
	sameMatch = 16
	// Alignments that compete for a byte; it bounds the time that repetitive
	// files can cost.
	maxContenders = 16
	// An alignment that is still in the race where its span ends goes on for
	// so many bytes more: in a table many fit, and which of them fits best
	// shows only in how their differences repeat.
	liveOn = 256
	// The last words of four diff bytes are remembered, by alignment and hash:
	// when a function moves, every call of it changes by the same word. There
	// are 1<<wordsLog places, few enough to stay in the processor's cache.
	wordsLog = 14
)

// diffWord remembers where alignment off had a word last.
type diffWord struct {
	word     uint32
	pos, off int32
}

// lane is one alignment during choose: the cheapest way to have new up to
// here with its last byte in this alignment.
type lane struct {
	span
	cost  int
	dirty bool // the last diff byte was not 0
	last  int  // position of that byte, or of the last such one
	dist  int  // the last repetition: diff is as it was so far before, or 0
	since int  // new position where that way entered the alignment
	from  int  // step before it
	step  int  // its own step once somebody followed it, or -1
}

type chooser struct {
	*differ
	insert lane
	lanes  []lane
	steps  []step
	words  [1 << wordsLog]diffWord
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
		c.end(until, hi)
		pos = until
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
				c.zeros(l, pos, r)
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
				c.zeros(l, pos, 1)
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
		literals := cost + costChanged*(bits.OnesCount64(differing(uint64(w)))-1)
		seen := &c.words[(w^uint32(l.off)*0x85ebca6b)*0x9e3779b1>>(32-wordsLog)]
		// What stood there before the lane came by is not in its diff.
		if seen.word == w && int(seen.off) == l.off && int(seen.pos) >= l.since {
			dist := pos - int(seen.pos)
			if again := costAgain + costAgainBy*bits.Len(uint(dist)); again < literals {
				cost = again
				l.dist = dist
			}
		}
		*seen = diffWord{word: w, pos: int32(pos), off: int32(l.off)}
	}
	l.cost += cost
}

// echo returns the diff byte that stood where l's last repetition says.
func (c *chooser) echo(l *lane, pos int) byte {
	q := pos - l.dist
	return c.new[q] - c.old[q+l.off]
}

// zeros pays for n diff bytes of 0.
func (c *chooser) zeros(l *lane, pos, n int) {
	l.cost += n * costZero
	if l.dirty {
		l.dirty = false
		if l.dist == 0 || c.echo(l, pos) != 0 {
			l.cost += costBack
		}
	}
	if l.dist == 0 {
		return
	}
	for end := min(pos+n, l.last+sameMatch+1); pos < end; pos++ {
		if c.echo(l, pos) != 0 {
			l.cost += costBroken
			l.dist = 0
			return
		}
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
