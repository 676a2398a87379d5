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

// walk is one position on its way down its tree.
type walk struct {
	here, link uint32
	ends       [2]uint32 // where in tree goes what sorts before the position, and after
	lens       [2]uint32 // bytes that ends' last nodes share with it
	p          int
	limit      uint32
	best       uint32
	depth      int
	n          int
	found      [maxMatch + 1]match
}

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
	f.head2, f.shift2 = cleared(f.head2, bits2), uint8(32-bits2)
	f.head3, f.shift3 = cleared(f.head3, bits3), uint8(32-bits3)
	f.head4, f.shift4 = cleared(f.head4, bits4), uint8(32-bits4)
}

func cleared(t []uint32, bits int) []uint32 {
	if cap(t) < 1<<bits {
		t = make([]uint32, 1<<bits)
		wantHugePages(t)
		return t
	}
	t = t[:1<<bits]
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
	cur := binary.LittleEndian.Uint32(buf[p:])
	here := uint32(last) + f.window
	f.head2[cur*mul2>>f.shift2] = here
	f.head3[cur*mul3>>f.shift3] = here
	f.head4[cur*mul4>>f.shift4] = here
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

// walkAll puts in count positions from p on.
func (f *matchFinder) walkAll(p, count int) {
	// First the heads alone, for loads that wait for nothing wait together.
	var heads [batch][3]uint32
	buf := f.buf
	here := uint32(p) + f.window
	for i := range heads[:count] {
		cur := binary.LittleEndian.Uint32(buf[p+i:])
		h2 := &f.head2[cur*mul2>>f.shift2]
		h3 := &f.head3[cur*mul3>>f.shift3]
		h4 := &f.head4[cur*mul4>>f.shift4]
		heads[i] = [3]uint32{*h2, *h3, *h4}
		*h2, *h3, *h4 = here, here, here
		here++
	}
	active := 0
	for i := range heads[:count] {
		// The position before it in its tree must have arrived.
		for k, w := range f.active[:active] {
			if w.here == heads[i][2] {
				f.walkDown(w)
				active--
				f.active[k], f.active[active] = f.active[active], w
				break
			}
		}
		for active == lanes {
			active = f.stepAll(active)
		}
		f.begin(f.active[active], p+i, heads[i])
		active++
	}
	for active > 0 {
		active = f.stepAll(active)
	}
}

// begin looks at the short matches of position p and sets it on its way.
func (f *matchFinder) begin(w *walk, p int, heads [3]uint32) {
	buf := f.buf
	limit := min(f.n-p, f.nice)
	cur := binary.LittleEndian.Uint32(buf[p:])
	here := uint32(p) + f.window
	d2, d3 := here-heads[0], here-heads[1]
	n, best := 0, 1
	if d2 <= f.maxDist && binary.LittleEndian.Uint16(buf[p-int(d2):]) == uint16(cur) {
		best = 2
		w.found[0] = match{2, d2 - 1}
		n = 1
	}
	if d3 <= f.maxDist && d3 != d2 && binary.LittleEndian.Uint32(buf[p-int(d3):])<<8 == cur<<8 {
		best = 3
		w.found[n] = match{3, d3 - 1}
		n++
		d2 = d3
	}
	if n > 0 {
		best = equal(buf, p-int(d2), p, best, limit)
		w.found[n-1].length = uint32(best)
	}
	node := 2 * (here & (f.window - 1))
	w.here, w.link, w.p = here, heads[2], p
	w.ends, w.lens = [2]uint32{node, node + 1}, [2]uint32{}
	w.limit, w.best, w.depth, w.n = uint32(limit), uint32(max(best, 3)), f.depth, n
}

// stepAll moves each walk down by one node and returns how many go on; these
// are moved to the front.
func (f *matchFinder) stepAll(active int) int {
	buf, tree, mask, maxDist := f.buf, f.tree, f.window-1, f.maxDist
	for i := 0; i < active; {
		w := f.active[i]
		link := w.link
		delta := w.here - link
		if w.depth == 0 || delta > maxDist {
			tree[w.ends[0]], tree[w.ends[1]] = 0, 0
			f.finish(w)
			active--
			f.active[i], f.active[active] = f.active[active], w
			continue
		}
		w.depth--
		node := 2 * (link & mask)
		before, after := tree[node], tree[node+1]
		l := min(w.lens[0], w.lens[1])
		there, from := buf[w.p+int(l)-int(delta):], buf[w.p+int(l):]
		a, b := binary.BigEndian.Uint64(there), binary.BigEndian.Uint64(from)
		x := a ^ b
		if x == 0 {
			l = uint32(equal(buf, w.p-int(delta), w.p, int(l)+8, int(w.limit)))
			a, b = uint64(buf[w.p+int(l)-int(delta)]), uint64(buf[w.p+int(l)])
		} else {
			l = min(l+uint32(bits.LeadingZeros64(x))>>3, w.limit)
		}
		if l > w.best {
			w.best = l
			w.found[w.n] = match{l, delta - 1}
			w.n++
		}
		if l == w.limit {
			tree[w.ends[0]], tree[w.ends[1]] = before, after
			f.finish(w)
			active--
			f.active[i], f.active[active] = f.active[active], w
			continue
		}
		// Which side the node is on cannot be guessed, so there is no branch.
		_, less := bits.Sub64(a, b, 0)
		side := less ^ 1
		tree[w.ends[side&1]] = link
		w.lens[side&1] = l
		w.ends[side&1] = node + uint32(less)
		w.link = before ^ (before^after)&-uint32(less)
		i++
	}
	return active
}

// walkDown takes the rest of one walk in one go, as stepAll does step by step.
func (f *matchFinder) walkDown(w *walk) {
	buf, tree, mask, maxDist := f.buf, f.tree, f.window-1, f.maxDist
	here, link, limit, best, p := w.here, w.link, int(w.limit), int(w.best), w.p
	less, more := &tree[w.ends[0]], &tree[w.ends[1]]
	lessLen, moreLen := int(w.lens[0]), int(w.lens[1])
	for depth := w.depth; ; depth-- {
		delta := here - link
		if depth == 0 || delta > maxDist {
			*less, *more = 0, 0
			break
		}
		i := 2 * (link & mask)
		node := tree[i : i+2 : i+2]
		q := p - int(delta)
		l := equal(buf, q, p, min(lessLen, moreLen), limit)
		if l > best {
			best = l
			w.found[w.n] = match{uint32(l), delta - 1}
			w.n++
		}
		if l == limit {
			*less, *more = node[0], node[1]
			break
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
	f.finish(w)
}

// finish hands over the matches of a walk that has arrived.
func (f *matchFinder) finish(w *walk) {
	if w.n > 0 {
		if last := &w.found[w.n-1]; last.length == w.limit {
			last.length = uint32(equal(f.buf, w.p-int(last.dist)-1, w.p, int(w.limit), min(f.n-w.p, maxMatch)))
		}
	}
	from := uint32(len(f.found))
	f.found = append(f.found, w.found[:w.n]...)
	f.spans[w.p-f.first] = span{from, uint32(len(f.found))}
}
