package xz

import (
	"encoding/binary"
	"math/bits"
)

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

// walkAll puts in count positions from p on.
func (f *matchFinder) walkAll(p, count int) {
	// First the heads alone, for loads that wait for nothing wait together.
	var starts [batch]heads
	for i := range starts[:count] {
		f.enter(p+i, &starts[i])
	}
	active := 0
	for i := range starts[:count] {
		// The position before it in its tree must have arrived.
		for k, w := range f.active[:active] {
			if w.here == starts[i].tree {
				f.walkDown(w)
				active--
				f.active[k], f.active[active] = f.active[active], w
				break
			}
		}
		for active == lanes {
			active = f.stepAll(active)
		}
		f.begin(f.active[active], p+i, &starts[i])
		active++
	}
	for active > 0 {
		active = f.stepAll(active)
	}
}

// begin looks at the short matches of position p and sets it on its way.
func (f *matchFinder) begin(w *walk, p int, h *heads) {
	buf := f.buf
	limit := min(f.n-p, f.nice)
	cur := binary.LittleEndian.Uint32(buf[p:])
	here := uint32(p) + f.window
	d2, d3 := here-h.two, here-h.three
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
	common := uint32(0) // bytes that the whole tree has in common
	if h.zeros > 0 {
		common = min(h.zeros+1, uint32(f.nice))
		if d := here - h.last; d <= f.maxDist {
			if l := equal(buf, p-int(d), p, int(h.zeros), limit); l > best {
				best = l
				w.found[n] = match{uint32(l), d - 1}
				n++
			}
		}
	}
	node := 2 * (here & (f.window - 1))
	w.here, w.link, w.p = here, h.tree, p
	w.ends, w.lens = [2]uint32{node, node + 1}, [2]uint32{common, common}
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
