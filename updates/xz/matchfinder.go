package xz

import (
	"encoding/binary"
	"math/bits"
)

// match says that length bytes here also stand dist+1 bytes before.
type match struct {
	length, dist uint32
}

// slack is how many bytes may be read past the end of the input.
const slack = 8

// matchFinder finds earlier occurrences. Positions with the same hash of four
// bytes form a binary search tree, sorted by what follows them and with younger
// positions nearer the root, so one walk down both finds the matches, nearest
// first and each longer than the one before, and puts the new position in as
// root. Two small tables remember the last place of each two and three bytes.
//
// Links hold the position plus the window's size: then 0, nowhere, is out of
// reach of every position without a test of its own.
type matchFinder struct {
	buf   []byte // the block and slack
	n     int    // length of the block
	pos   int    // next position to put in
	nice  int
	depth int

	window  uint32 // power of two; size of the ring of tree nodes
	maxDist uint32
	tree    [][2]uint32 // children: of what sorts before, and after
	head2   []uint32
	head3   []uint32
	head4   []uint32
	shift2  uint8
	shift3  uint8
	shift4  uint8

	found [maxMatch + 1]match
}

const (
	mul2 = 0x9E3779B1 << 16 & 0xFFFFFFFF
	mul3 = 0x9E3779B1 << 8 & 0xFFFFFFFF
	mul4 = 0x9E3779B1
)

// start prepares for buf, of which the last slack bytes do not count. Tables
// are sized, and thus cleared, by what the block needs.
func (f *matchFinder) start(buf []byte, dict uint32, nice, depth int) {
	f.buf, f.n, f.pos = buf, len(buf)-slack, 0
	f.nice, f.depth = nice, depth
	reach := max(min(uint32(f.n), dict), 1<<8)
	windowBits := bits.Len32(reach - 1)
	f.window = 1 << windowBits
	f.maxDist = min(dict, f.window-1)
	if len(f.tree) < int(f.window) {
		f.tree = make([][2]uint32, f.window)
	}
	// liblzma's sizes, and fewer for small inputs.
	bits2, bits3, bits4 := min(windowBits, 10), min(windowBits, 16), min(windowBits-1, 24)
	f.head2, f.shift2 = cleared(f.head2, bits2), uint8(32-bits2)
	f.head3, f.shift3 = cleared(f.head3, bits3), uint8(32-bits3)
	f.head4, f.shift4 = cleared(f.head4, bits4), uint8(32-bits4)
}

func cleared(t []uint32, bits int) []uint32 {
	if cap(t) < 1<<bits {
		return make([]uint32, 1<<bits)
	}
	t = t[:1<<bits]
	clear(t)
	return t
}

// find puts the next position in and returns its matches, nearest and shortest
// first.
func (f *matchFinder) find() []match {
	p := f.pos
	f.pos++
	limit := min(f.n-p, f.nice)
	if limit < 4 {
		return nil
	}
	cur := binary.LittleEndian.Uint32(f.buf[p:])
	here := uint32(p) + f.window
	h2 := &f.head2[cur*mul2>>f.shift2]
	h3 := &f.head3[cur*mul3>>f.shift3]
	h4 := &f.head4[cur*mul4>>f.shift4]
	d2, d3, top := here-*h2, here-*h3, *h4
	*h2, *h3, *h4 = here, here, here

	n := 0
	best := 1
	if d2 <= f.maxDist && binary.LittleEndian.Uint16(f.buf[p-int(d2):]) == uint16(cur) {
		best = 2
		f.found[0] = match{2, d2 - 1}
		n = 1
	}
	if d3 <= f.maxDist && d3 != d2 && binary.LittleEndian.Uint32(f.buf[p-int(d3):])<<8 == cur<<8 {
		best = 3
		f.found[n] = match{3, d3 - 1}
		n++
		d2 = d3
	}
	if n > 0 {
		best = f.extend(p, int(d2), best, limit)
		f.found[n-1].length = uint32(best)
		if best == limit {
			f.insert(p, here, top, limit)
			f.found[n-1].length = uint32(f.extend(p, int(d2), best, min(f.n-p, maxMatch)))
			return f.found[:n]
		}
	}
	n = f.walk(p, here, top, max(best, 3), limit, n)
	if n > 0 {
		if last := &f.found[n-1]; int(last.length) == limit {
			last.length = uint32(f.extend(p, int(last.dist)+1, limit, min(f.n-p, maxMatch)))
		}
	}
	return f.found[:n]
}

// extend returns how far the bytes at p equal those dist before it, at most
// limit, when the first length do.
func (f *matchFinder) extend(p, dist, length, limit int) int {
	return equal(f.buf, p-dist, p, length, limit)
}

// equal returns how far the bytes at a and b are the same, at most limit, when
// the first n are. There must be slack after b+limit, and a < b.
func equal(buf []byte, a, b, n, limit int) int {
	for n < limit {
		x := binary.LittleEndian.Uint64(buf[a+n:]) ^ binary.LittleEndian.Uint64(buf[b+n:])
		if x != 0 {
			return min(n+bits.TrailingZeros64(x)>>3, limit)
		}
		n += 8
	}
	return limit
}

// walk makes p the root of its tree and adds matches longer than best to found,
// of which there are n.
func (f *matchFinder) walk(p int, here, link uint32, best, limit, n int) int {
	buf, tree, mask, maxDist := f.buf, f.tree, f.window-1, f.maxDist
	root := &tree[here&mask]
	less, more := &root[0], &root[1] // where what sorts before, and after, goes
	lessLen, moreLen := 0, 0
	for depth := f.depth; ; depth-- {
		delta := here - link
		if depth == 0 || delta > maxDist {
			*less, *more = 0, 0
			return n
		}
		node := &tree[link&mask]
		q := p - int(delta)
		l := equal(buf, q, p, min(lessLen, moreLen), limit)
		if l > best {
			best = l
			f.found[n] = match{uint32(l), delta - 1}
			n++
		}
		if l == limit {
			*less, *more = node[0], node[1]
			return n
		}
		if buf[q+l] < buf[p+l] {
			*less = link
			less = &node[1]
			link = *less
			lessLen = l
		} else {
			*more = link
			more = &node[0]
			link = *more
			moreLen = l
		}
	}
}

// insert is walk without a wish for matches.
func (f *matchFinder) insert(p int, here, link uint32, limit int) {
	buf, tree, mask, maxDist := f.buf, f.tree, f.window-1, f.maxDist
	root := &tree[here&mask]
	less, more := &root[0], &root[1]
	lessLen, moreLen := 0, 0
	for depth := f.depth; ; depth-- {
		delta := here - link
		if depth == 0 || delta > maxDist {
			*less, *more = 0, 0
			return
		}
		node := &tree[link&mask]
		q := p - int(delta)
		l := equal(buf, q, p, min(lessLen, moreLen), limit)
		if l == limit {
			*less, *more = node[0], node[1]
			return
		}
		if buf[q+l] < buf[p+l] {
			*less = link
			less = &node[1]
			link = *less
			lessLen = l
		} else {
			*more = link
			more = &node[0]
			link = *more
			moreLen = l
		}
	}
}

// skip puts in the next n positions.
func (f *matchFinder) skip(n int) {
	for ; n > 0; n-- {
		p := f.pos
		f.pos++
		limit := min(f.n-p, f.nice)
		if limit < 4 {
			continue
		}
		cur := binary.LittleEndian.Uint32(f.buf[p:])
		here := uint32(p) + f.window
		f.head2[cur*mul2>>f.shift2] = here
		f.head3[cur*mul3>>f.shift3] = here
		h4 := &f.head4[cur*mul4>>f.shift4]
		top := *h4
		*h4 = here
		f.insert(p, here, top, limit)
	}
}
