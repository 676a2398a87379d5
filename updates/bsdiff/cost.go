package bsdiff

import (
	"encoding/binary"
	"math/bits"
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
