package bsdiff

import (
	"math/bits"
	"slices"
)

// sleeper is an alignment that waits for a pair of equal bytes. Where there is none,
// a lane that starts over from the cheapest does so again a byte or two later, for
// a change costs more than to insert the two; and most alignments do nothing else
// most of the time.
type sleeper struct {
	span
	wake int // new position of the pair
}

// sleep puts an alignment aside until it is worth starting over with it.
func (c *chooser) sleep(s span, pos int) {
	wake := c.pair(s, pos)
	c.asleep = append(c.asleep, sleeper{s, wake})
	c.wake = min(c.wake, wake)
}

// pair returns the first position from pos on where two bytes are equal under s. It
// looks at eight bytes at a time, and returns where it can do so no more.
func (c *chooser) pair(s span, pos int) int {
	end := min(s.hi, len(c.old)-s.off-8, len(c.new)-8)
	for ; pos < end; pos += 7 {
		equal := high &^ differing(load64(c.old, pos+s.off)^load64(c.new, pos))
		if equal &= equal >> 8; equal != 0 {
			return pos + bits.TrailingZeros64(equal)/8
		}
	}
	return pos
}

// rouse wakes the sleepers whose time has come.
func (c *chooser) rouse(pos int) {
	if pos < c.wake {
		return
	}
	c.wake = len(c.new)
	kept := c.asleep[:0]
	for _, s := range c.asleep {
		switch {
		case s.hi <= pos:
		case s.wake <= pos:
			c.start(s.span, pos)
		default:
			c.wake = min(c.wake, s.wake)
			kept = append(kept, s)
		}
	}
	c.asleep = kept
}

// room reports whether there is room for an alignment up to hi. The sleeper that ends
// first makes way for one that ends later.
func (c *chooser) room(hi int) bool {
	if len(c.lanes)+len(c.asleep) < maxContenders {
		return true
	}
	first := -1
	for i, s := range c.asleep {
		if s.hi < hi {
			first, hi = i, s.hi
		}
	}
	if first < 0 {
		return false
	}
	c.asleep = slices.Delete(c.asleep, first, first+1)
	return true
}
