package xz

import "encoding/binary"

// zeroHeads are where searches start for positions in zeros. In a patch these
// are nearly all positions: one tree of them is deep, and its walks must go one
// after the other. So there is a tree for each number of zeros that are left
// and the byte after them. What a tree leaves out, matches that end with the
// zeros, is the last place with as many zeros, or the byte before.
type zeroHeads struct {
	last []uint32 // by zeros left, at most the nice length
	tree []uint32 // by zeros left and the byte after them, or 0 after the nice length
	end  int      // of the zeros that were counted last
}

func (z *zeroHeads) start(limit int) {
	z.last = cleared(z.last, limit+1)
	z.tree = cleared(z.tree, (limit+1)<<8)
	z.end = 0
}

// heads is where the search for one position starts.
type heads struct {
	two, three uint32 // last places of its two and three bytes
	tree       uint32 // root of its tree
	zeros      uint32 // zeros left, when four or more
	last       uint32 // last place with as many
}

// enter tells where the search for p starts and makes it the start of those to
// come.
func (f *matchFinder) enter(p int, h *heads) {
	here := uint32(p) + f.window
	cur := binary.LittleEndian.Uint32(f.buf[p:])
	two, three := &f.head2[cur*mul2>>f.shift2], &f.head3[cur*mul3>>f.shift3]
	tree := &f.head4[cur*mul4>>f.shift4]
	h.two, h.three, h.zeros = *two, *three, 0
	*two, *three = here, here
	if cur == 0 {
		z := &f.zeros
		if z.end <= p {
			z.end = p + 1 + equal(f.buf, p, p+1, 3, f.n-p-1)
		}
		n, after := min(z.end-p, f.nice), byte(0)
		if n < f.nice {
			after = f.buf[p+n]
		}
		h.zeros, h.last = uint32(n), z.last[n]
		z.last[n] = here
		tree = &z.tree[n<<8|int(after)]
	}
	h.tree = *tree
	*tree = here
}
