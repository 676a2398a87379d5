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

const (
	// batch is how many positions are put in at once, ahead of the parser.
	batch = 128
	// lanes is how many walks go on at the same time. A walk mostly waits for
	// memory, one step after the other; several wait together. Results are
	// those of one walk after another, for trees of different hashes share no
	// node and walks of the same tree are kept apart.
	lanes = 6
)

// matchFinder finds earlier occurrences. Positions with the same hash of four
// bytes form a binary search tree, sorted by what follows them and with younger
// positions nearer the root, so one walk down both finds the matches, nearest
// first and each longer than the one before, and puts the new position in as
// root. Two small tables remember the last place of each two and three bytes.
// Positions in zeros have trees of their own: see zeros.go.
//
// Links hold the position plus the window's size: then 0, nowhere, is out of
// reach of every position without a test of its own.
type matchFinder struct {
	buf   []byte // the block and slack
	n     int    // length of the block
	pos   int    // next position to hand out
	ready int    // positions before this one have been put in
	nice  int
	depth int

	window  uint32 // power of two; size of the ring of tree nodes
	maxDist uint32
	tree    []uint32 // children of a node, what sorts before and after, in pairs
	head2   []uint32
	head3   []uint32
	head4   []uint32
	shift2  uint8
	shift3  uint8
	shift4  uint8
	zeros   zeroHeads

	first int // position of spans[0]
	spans [batch]span
	found []match // of the batch
	// In a run of one byte each position repeats the one before it, so runs
	// are put in without looking: positions from first to ready, when inRun.
	inRun  bool
	runEnd int
	inTurn [1]match

	lane   [lanes]walk
	active [lanes]*walk // lane, those under way first
}

// span is where the matches of a position are in found.
type span struct{ from, to uint32 }

const (
	mul2 = 0x9E3779B1 << 16 & 0xFFFFFFFF
	mul3 = 0x9E3779B1 << 8 & 0xFFFFFFFF
	mul4 = 0x9E3779B1
)

// start prepares for buf, of which the last slack bytes do not count. Tables
// are sized, and thus cleared, by what the block needs.
func (f *matchFinder) start(buf []byte, dict uint32, nice, depth int) {
	f.buf, f.n, f.pos, f.ready, f.first = buf, len(buf)-slack, 0, 0, 0
	f.nice, f.depth = nice, depth
	f.inRun = false
	for i := range f.lane {
		f.active[i] = &f.lane[i]
	}
	reach := max(min(uint32(f.n), dict), 1<<8)
	windowBits := bits.Len32(reach - 1)
	f.window = 1 << windowBits
	f.maxDist = min(dict, f.window-1)
	if f.n > int(f.window) {
		// The ring goes round: a node must not be overwritten while an older
		// walk may still read it, and a slow one may be overtaken by all of its
		// batch.
		f.maxDist = min(dict, f.window-batch)
	}
	if len(f.tree) < 2*int(f.window) {
		f.tree = make([]uint32, 2*f.window)
		wantHugePages(f.tree)
	}
	// liblzma's sizes, and fewer for small inputs.
	bits2, bits3, bits4 := min(windowBits, 10), min(windowBits, 16), min(windowBits-1, 24)
	f.head2, f.shift2 = cleared(f.head2, 1<<bits2), uint8(32-bits2)
	f.head3, f.shift3 = cleared(f.head3, 1<<bits3), uint8(32-bits3)
	f.head4, f.shift4 = cleared(f.head4, 1<<bits4), uint8(32-bits4)
	f.zeros.start(min(nice, f.n))
}

func cleared(t []uint32, n int) []uint32 {
	if cap(t) < n {
		t = make([]uint32, n)
		wantHugePages(t)
		return t
	}
	t = t[:n]
	clear(t)
	return t
}

// find returns the matches of the next position, shortest and nearest first.
// They are valid until the next find or skip.
func (f *matchFinder) find() []match {
	if f.pos == f.ready {
		f.fill()
	}
	p := f.pos
	f.pos++
	if f.inRun {
		f.inTurn[0] = match{uint32(min(f.runEnd-p, maxMatch)), 0}
		return f.inTurn[:]
	}
	s := f.spans[p-f.first]
	return f.found[s.from:s.to]
}

// skip passes over the next n positions.
func (f *matchFinder) skip(n int) {
	f.pos += n
	for f.ready < f.pos {
		f.fill()
	}
}

// fill puts in the next run, or the next batch of positions.
func (f *matchFinder) fill() {
	p := f.ready
	f.first = p
	f.inRun = false
	if p > 0 && f.run(p) {
		return
	}
	f.found = f.found[:0]
	count := min(batch, f.n-p)
	hashed := min(count, f.n-p-3)
	for i := max(hashed, 0); i < count; i++ {
		f.spans[i] = span{}
	}
	f.ready += count
	if hashed > 0 {
		f.walkAll(p, hashed)
	}
}

// run puts in positions from p on of which each has the bytes of the one before
// it, as far as matches go. Each would take the place of the one before it in
// the tree, so only the last has to.
func (f *matchFinder) run(p int) bool {
	buf := f.buf
	if buf[p-1] != buf[p] || equal(buf, p-1, p, 0, min(f.n-p, f.nice)) < f.nice {
		return false
	}
	f.runEnd = p + equal(buf, p-1, p, f.nice, f.n-p)
	last := f.runEnd - f.nice
	mask := f.window - 1
	from, to := 2*((uint32(p-1)+f.window)&mask), 2*((uint32(last)+f.window)&mask)
	f.tree[to], f.tree[to+1] = f.tree[from], f.tree[from+1]
	f.enter(last, new(heads))
	f.ready = last + 1
	f.inRun = true
	return true
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
