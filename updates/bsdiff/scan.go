package bsdiff

import "math/bits"

const (
	// A stretch of loyal bytes is worth no search when at most disloyal of
	// them differ: that is what a relocated pointer looks like.
	loyal    = 40
	disloyal = 12

	scoreCap  = 512 // bytes that a candidate is judged by
	scoreDrop = 48  // it is given up when it falls so far below its best
	better    = 24  // by how much a candidate must beat the alignment it replaces
	recents   = 8   // former alignments that are candidates everywhere
	extendCap = 4096
)

// scan walks through new[lo:hi] and returns the alignments that it met, in
// the order of their first byte. They may overlap.
func (d *differ) scan(lo, hi int) []span {
	s := &scanner{differ: d, lo: lo, hi: hi}
	s.recent = [recents]int{0, len(d.old) - len(d.new)}
	s.run()
	return s.found
}

type scanner struct {
	*differ
	lo, hi int
	found  []span
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
		h, ok := s.index.anchor(s.new, pos)
		if !ok {
			pos++
			continue
		}
		best, off, found := better, 0, false
		if aligned {
			best += s.score(pos, cur.off)
		}
		for _, v := range s.index.bucket(h) {
			if uint32(v>>32) != uint32(h) || v == 0 {
				continue
			}
			o := int(uint32(v)) - 1 - pos
			if sc := s.score(pos, o); sc > best {
				best, off, found = sc, o, true
			}
		}
		for _, o := range s.recent {
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

// loyal reports whether the stretch at pos is nearly equal under off.
func (s *scanner) loyal(pos, off int) bool {
	at := pos + off
	if at < 0 || at+loyal > len(s.old) || pos+loyal > len(s.new) {
		return false
	}
	n := 0
	for i := 0; i < loyal; i += 8 {
		n += bits.OnesCount64(differing(load64(s.old, at+i) ^ load64(s.new, pos+i)))
	}
	return n <= disloyal
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
	score, best := 0, 0
	n := min(extendCap, len(s.old)-c.hi-c.off, s.hi-c.hi)
	hi := c.hi
	for i := 0; i+8 <= n; i += 8 {
		score += 8 - 2*bits.OnesCount64(differing(load64(s.old, hi+c.off+i)^load64(s.new, hi+i)))
		if score >= best {
			best = score
			c.hi = hi + i + 8
		} else if score < best-scoreDrop {
			break
		}
	}
	c.hi += equalRun(s.old[c.hi+c.off:], s.new[c.hi:s.hi])

	score, best = 0, 0
	n = min(extendCap, c.lo+c.off, c.lo-s.lo)
	lo := c.lo
	for i := 8; i <= n; i += 8 {
		score += 8 - 2*bits.OnesCount64(differing(load64(s.old, lo+c.off-i)^load64(s.new, lo-i)))
		if score >= best {
			best = score
			c.lo = lo - i
		} else if score < best-scoreDrop {
			break
		}
	}
	c.lo -= equalTail(s.old[:c.lo+c.off], s.new[s.lo:c.lo])
	return c
}
