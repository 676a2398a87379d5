package bsdiff

import "math/bits"

const (
	// A stretch of loyal bytes is worth no search when at most disloyal of
	// them differ: that is what a relocated pointer looks like.
	loyal    = 40
	disloyal = 12

	scoreCap  = 512  // bytes that a candidate is judged by
	scoreDrop = 48   // it is given up when it falls so far below its best
	better    = 12   // by how much a candidate must beat the alignment it replaces
	recents   = 8    // former alignments that are candidates everywhere
	extendCap = 4096 // bytes that an alignment is tried beyond its ends
)

// scan walks through new[lo:hi] and returns the alignments that it met, which
// may overlap, and the gaps where it had none to be content with.
func (d *differ) scan(lo, hi int) ([]span, []gap) {
	s := &scanner{differ: d, lo: lo, hi: hi}
	// Room for many: what is not filled is not even touched.
	s.found = make([]span, 0, (hi-lo)/512)
	s.gaps = make([]gap, 0, (hi-lo)/1024)
	s.recent = [recents]int{0, len(d.old) - len(d.new)}
	s.run()
	return s.found, s.gaps
}

type scanner struct {
	*differ
	lo, hi int
	found  []span
	gaps   []gap
	recent [recents]int
	next   int
}

func (s *scanner) run() {
	aligned := false
	var cur span
	pos := s.lo
	if r := equalRun(s.old[min(pos, len(s.old)):], s.new[pos:s.hi]); r >= loyal {
		aligned, cur = true, span{lo: pos, off: 0}
	}
	for pos < s.hi {
		if aligned {
			at := pos + cur.off
			if at < len(s.old) {
				if r := equalRun(s.old[at:], s.new[pos:s.hi]); r > 0 {
					pos += r
					cur.hi = pos
					continue
				}
			}
			if s.loyal(pos, cur.off) {
				pos++
				cur.hi = pos
				continue
			}
		}
		if pos+seedLen > len(s.new) {
			break
		}
		s.miss(pos)
		h, ok := anchor(s.new, pos)
		if !ok {
			pos++
			continue
		}
		best := better
		if aligned {
			best += s.score(pos, cur.off)
		}
		off, best, found := s.anchored(pos, h, best)
		for _, o := range s.recent {
			if !s.begins(pos, o) {
				continue
			}
			if sc := s.score(pos, o); sc > best {
				best, off, found = sc, o, true
			}
		}
		if !found {
			pos++
			continue
		}
		if aligned {
			s.leave(cur)
		}
		aligned, cur = true, span{lo: pos, hi: pos, off: off}
	}
	if aligned {
		s.leave(cur)
	}
}

// miss adds pos to the gaps.
func (s *scanner) miss(pos int) {
	if n := len(s.gaps); n > 0 && pos-s.gaps[n-1].hi < gapJoin {
		s.gaps[n-1].hi = pos + 1
		return
	}
	s.gaps = append(s.gaps, gap{lo: pos, hi: pos + 1})
}

// begins reports whether the first bytes at pos are nearly equal under off.
func (s *scanner) begins(pos, off int) bool {
	at := pos + off
	return at >= 0 && at+8 <= len(s.old) && bits.OnesCount64(differing(load64(s.old, at)^load64(s.new, pos))) <= 2
}

// loyal reports whether the stretch at pos is nearly equal under off.
func (s *scanner) loyal(pos, off int) bool {
	at := pos + off
	if at < 0 || at+loyal > len(s.old) || pos+loyal > len(s.new) {
		return false
	}
	n := 0
	for i := 0; i < loyal; i += 8 {
		n += bits.OnesCount64(differing(load64(s.old, at+i) ^ load64(s.new, pos+i)))
		if n > disloyal {
			return false
		}
	}
	return true
}

// anchored returns the best alignment by the anchor of hash h at pos, if it
// scores more than best; and that score, or best.
func (s *scanner) anchored(pos int, h uint64, best int) (off, score int, found bool) {
	for _, v := range s.anchors.bucket(h) {
		at, ok := position(v, h)
		if o := at - pos; ok {
			if sc := s.score(pos, o); sc > best {
				off, best, found = o, sc, true
			}
		}
	}
	return off, best, found
}

// score tells how good it would be to continue at pos with off: one for each
// equal byte, minus two for each other, at the best length.
func (s *scanner) score(pos, off int) int {
	at := pos + off
	if at < 0 || at >= len(s.old) {
		return 0
	}
	n := min(scoreCap, len(s.old)-at, len(s.new)-pos)
	score, best := 0, 0
	for i := 0; i+8 <= n; i += 8 {
		score += 8 - 3*bits.OnesCount64(differing(load64(s.old, at+i)^load64(s.new, pos+i)))
		if score > best {
			best = score
		} else if score < best-scoreDrop {
			break
		}
	}
	return best
}

// leave records an alignment, reaching as far in both directions as it may
// be of use: choose decides where to cut.
func (s *scanner) leave(c span) {
	s.recent[s.next] = c.off
	s.next = (s.next + 1) % recents
	s.found = append(s.found, s.extend(c))
}

func (s *scanner) extend(c span) span {
	s.forward(&c, extendCap, s.hi)
	s.backward(&c, extendCap, s.lo)
	return c
}

// forward moves c.hi on, at most to limit, to where the alignment is best,
// and returns by how much the score grew: one for each equal byte, minus one
// for each other.
func (d *differ) forward(c *span, reach, limit int) int {
	score, best := 0, 0
	from := c.hi
	n := min(reach, len(d.old)-from-c.off, limit-from)
	for i := 0; i+8 <= n; i += 8 {
		score += 8 - 2*bits.OnesCount64(differing(load64(d.old, from+c.off+i)^load64(d.new, from+i)))
		if score >= best {
			best = score
			c.hi = from + i + 8
		} else if score < best-scoreDrop {
			break
		}
	}
	r := equalRun(d.old[c.hi+c.off:], d.new[c.hi:limit])
	c.hi += r
	return best + r
}

// backward is forward's mirror image.
func (d *differ) backward(c *span, reach, limit int) int {
	score, best := 0, 0
	from := c.lo
	n := min(reach, from+c.off, from-limit)
	for i := 8; i <= n; i += 8 {
		score += 8 - 2*bits.OnesCount64(differing(load64(d.old, from+c.off-i)^load64(d.new, from-i)))
		if score >= best {
			best = score
			c.lo = from - i
		} else if score < best-scoreDrop {
			break
		}
	}
	r := equalTail(d.old[:c.lo+c.off], d.new[limit:c.lo])
	c.lo -= r
	return best + r
}
