package xz

import "math/bits"

const (
	// maxNodes bounds how far a path is looked ahead before it is coded.
	maxNodes = 4096

	literalStep = 1<<32 - 1 // back of a literal; below 4 a repeat, else distance+4
)

// step is one symbol: length bytes, taken from back.
type step struct {
	back   uint32
	length uint32
}

// node is a position and the cheapest known way to it: one symbol, or, when
// combo, three that only pay together: a match or repeat of first bytes
// (none when first is 0), one literal, and the newest distance again for length
// bytes. state and reps hold once the path to here is final.
type node struct {
	back   uint32
	length uint16
	first  uint16
	combo  bool
	state  state
	reps   [4]uint32
}

// parser looks for the cheapest way to code what comes next.
type parser struct {
	price [maxNodes + 2*maxMatch + 8]uint32
	node  [maxNodes + 2*maxMatch + 8]node
	end   int // furthest node reached
	steps []step
}

// parse decides the next symbols from position p and leaves them in par.steps.
// The match finder may have been ahead by one position before, and after.
func (e *encoder) parse(p int) []step {
	par := &e.par
	par.steps = par.steps[:0]
	matches := e.ahead
	if e.mf.pos == p {
		matches = e.mf.find()
	}
	buf, avail := e.mf.buf, min(e.mf.n-p, maxMatch)
	longest := 0
	if len(matches) > 0 {
		longest = int(matches[len(matches)-1].length)
	}
	if avail < 2 {
		return e.only(p, literalStep, 1)
	}
	bestRep, repLen := 0, 0
	for i, d := range e.reps {
		if l := equal(buf, p-int(d)-1, p, 0, avail); l > repLen {
			bestRep, repLen = i, l
		}
	}
	if repLen >= e.mf.nice {
		return e.only(p, uint32(bestRep), repLen)
	}
	if longest >= e.mf.nice {
		return e.only(p, matches[len(matches)-1].dist+4, longest)
	}
	if longest < 2 && repLen < 2 && buf[p] != buf[p-int(e.reps[0])-1] {
		return e.only(p, literalStep, 1)
	}

	start := &par.node[0]
	start.state, start.reps = e.state, e.reps
	par.price[0] = 0
	par.end = 0
	e.relax(0, p, matches)
	cur := 1
	for ; cur < par.end && cur < maxNodes; cur++ {
		matches = e.mf.find()
		if len(matches) > 0 && int(matches[len(matches)-1].length) >= e.mf.nice {
			e.ahead = matches
			break
		}
		par.arrive(cur)
		e.relax(cur, p+cur, matches)
	}
	par.backtrack(cur)
	return par.steps
}

// only is a path of one symbol.
func (e *encoder) only(p int, back uint32, length int) []step {
	e.mf.skip(p + length - e.mf.pos)
	e.par.steps = append(e.par.steps, step{back, uint32(length)})
	return e.par.steps
}

// backtrack turns the way to cur into steps, in order.
func (par *parser) backtrack(cur int) {
	s := par.steps
	for cur > 0 {
		n := &par.node[cur]
		if n.combo {
			s = append(s, step{0, uint32(n.length)}, step{literalStep, 1})
			cur -= int(n.length) + 1
			if n.first > 0 {
				s = append(s, step{n.back, uint32(n.first)})
			}
			cur -= int(n.first)
		} else {
			s = append(s, step{n.back, uint32(n.length)})
			cur -= int(n.length)
		}
	}
	for i, j := 0, len(s)-1; i < j; i, j = i+1, j-1 {
		s[i], s[j] = s[j], s[i]
	}
	par.steps = s
}

// arrive settles state and reps of node cur, whose best way is now known.
func (par *parser) arrive(cur int) {
	n := &par.node[cur]
	if n.combo {
		from := &par.node[cur-int(n.length)-1-int(n.first)]
		s := from.state
		n.reps = from.reps
		if n.first > 0 {
			s = afterSymbol(s, &n.reps, n.back, uint32(n.first))
		}
		n.state = afterRep[afterLiteral[s&15]&15]
		return
	}
	from := &par.node[cur-int(n.length)]
	n.reps = from.reps
	n.state = afterSymbol(from.state, &n.reps, n.back, uint32(n.length))
}

// afterSymbol moves the state and the recent distances past one symbol.
func afterSymbol(s state, reps *[4]uint32, back, length uint32) state {
	switch {
	case back == literalStep:
		return afterLiteral[s&15]
	case back >= 4:
		reps[3], reps[2], reps[1], reps[0] = reps[2], reps[1], reps[0], back-4
		return afterMatch[s&15]
	case back == 0 && length == 1:
		return afterShortRep[s&15]
	}
	d := reps[back]
	for i := back; i > 0; i-- {
		reps[i] = reps[i-1]
	}
	reps[0] = d
	return afterRep[s&15]
}

// reach makes sure that the nodes up to end have a price.
func (par *parser) reach(end int) {
	for par.end < end {
		par.end++
		par.price[par.end] = infinitePrice
	}
}

// relax tries every way to go on from node cur, at position p.
func (e *encoder) relax(cur, p int, matches []match) {
	par, m, buf, nice := &e.par, &e.model, e.mf.buf, e.mf.nice
	from := &par.node[cur]
	s, reps := from.state&15, &from.reps
	base := par.price[cur]
	ps := p & encPosMask
	full := e.mf.n - p
	this, that := buf[p], buf[p-int(reps[0])-1]

	// One byte: as a literal, or as the byte at the newest distance.
	par.reach(cur + 1)
	next := &par.node[cur+1]
	isMatch := m.isMatch[s][ps]
	literal := base + price0(isMatch) + e.priceLiteral(p, s, that)
	nextIsLiteral := false
	if literal < par.price[cur+1] {
		par.price[cur+1] = literal
		next.back, next.length, next.combo = literalStep, 1, false
		nextIsLiteral = true
	}
	matchBase := base + price1(isMatch)
	repBase := matchBase + price1(m.isRep[s])
	if this == that && !(next.length > 1 && next.back == 0 && !next.combo) {
		if c := repBase + price0(m.isRep0[s]) + price0(m.isRep0Long[s][ps]); c <= par.price[cur+1] {
			par.price[cur+1] = c
			next.back, next.length, next.combo = 0, 1, false
			nextIsLiteral = true
		}
	}
	if full < 2 {
		return
	}
	avail := min(full, nice)

	if !nextIsLiteral && this != that {
		if l := equal(buf, p-int(reps[0]), p+1, 0, min(full-1, nice)); l >= 2 {
			c := literal + e.priceRep0(p+1, afterLiteral[s], l)
			par.reach(cur + 1 + l)
			if c < par.price[cur+1+l] {
				par.price[cur+1+l] = c
				n := &par.node[cur+1+l]
				n.length, n.first, n.combo = uint16(l), 0, true
			}
		}
	}

	startLen := 2
	for i := range reps {
		back := int(reps[i]) + 1
		if buf[p] != buf[p-back] || buf[p+1] != buf[p+1-back] {
			continue
		}
		l := equal(buf, p-back, p, 2, avail)
		par.reach(cur + l)
		c := repBase + e.priceRepIndex(i, s, ps)
		lens := e.repPrices.price[ps][:l-1]
		costs := par.price[cur+2:][:len(lens)]
		for j, lp := range lens {
			if c+lp < costs[j] {
				costs[j] = c + lp
				n := &par.node[cur+2+j]
				n.back, n.length, n.combo = uint32(i), uint16(j+2), false
			}
		}
		if i == 0 {
			startLen = l + 1
		}
		e.combo(cur, p, l, back, uint32(i), c+lens[l-2], afterRep[s])
	}

	if len(matches) == 0 {
		return
	}
	longest := int(matches[len(matches)-1].length)
	if longest < startLen {
		return
	}
	par.reach(cur + longest)
	matchBase += price0(m.isRep[s])
	lens := &e.lenPrices.price[ps]
	l := startLen
	for _, k := range matches {
		if int(k.length) < l {
			continue
		}
		var c uint32
		for ; l <= int(k.length); l++ {
			c = matchBase + lens[l-2] + e.priceDist(k.dist, distState(l))
			if c < par.price[cur+l] {
				par.price[cur+l] = c
				n := &par.node[cur+l]
				n.back, n.length, n.combo = k.dist+4, uint16(l), false
			}
		}
		e.combo(cur, p, int(k.length), int(k.dist)+1, k.dist+4, c, afterMatch[s])
	}
}

// combo tries to go on after first bytes from back with a literal and then
// the same distance again; c is the price up to the literal, s the state there.
func (e *encoder) combo(cur, p, first, dist int, back, c uint32, s state) {
	q := p + first
	limit := min(e.mf.n-q-1, e.mf.nice)
	if limit < 2 {
		return
	}
	buf := e.mf.buf
	if buf[q+1] != buf[q+1-dist] || buf[q+2] != buf[q+2-dist] {
		return
	}
	l := equal(buf, q+1-dist, q+1, 2, limit)
	s &= 15
	c += price0(e.model.isMatch[s][q&encPosMask]) + e.priceLiteral(q, s, buf[q-dist])
	c += e.priceRep0(q+1, afterLiteral[s], l)
	par := &e.par
	end := cur + first + 1 + l
	par.reach(end)
	if c < par.price[end] {
		par.price[end] = c
		n := &par.node[end]
		n.back, n.length, n.first, n.combo = back, uint16(l), uint16(first), true
	}
}

// priceLiteral is the price of the byte at p after its isMatch bit; that is the
// byte at the newest distance.
func (e *encoder) priceLiteral(p int, s state, that byte) uint32 {
	buf := e.mf.buf
	var prev byte
	if p > 0 {
		prev = buf[p-1]
	}
	probs := (*[0x300]uint16)(e.model.literal[int(prev>>(8-encLC))*0x300:])
	sym := uint32(buf[p]) | 0x100
	sum := uint32(0)
	if s < litStates {
		for sym > 1 {
			sum += priceBit(probs[sym>>1&0xFF], sym&1)
			sym >>= 1
		}
		return sum
	}
	// While the bits agree with that byte's they have their own contexts.
	offset, m := uint32(0x100), uint32(that)
	sym <<= 0
	for sym < 0x10000 {
		m <<= 1
		sum += priceBit(probs[offset+(m&offset)+sym>>8], sym>>7&1)
		sym <<= 1
		offset &= ^(m ^ sym)
	}
	return sum
}

// priceRepIndex is the price of choosing the i-th recent distance for two bytes
// or more, after the isRep bit.
func (e *encoder) priceRepIndex(i int, s state, ps int) uint32 {
	m := &e.model
	if i == 0 {
		return price0(m.isRep0[s&15]) + price1(m.isRep0Long[s&15][ps])
	}
	c := price1(m.isRep0[s&15])
	if i == 1 {
		return c + price0(m.isRep1[s&15])
	}
	return c + price1(m.isRep1[s&15]) + priceBit(m.isRep2[s&15], uint32(i-2))
}

// priceRep0 is the price of a repeat of the newest distance at p, whole.
func (e *encoder) priceRep0(p int, s state, length int) uint32 {
	m, ps := &e.model, p&encPosMask
	return price1(m.isMatch[s&15][ps]) + price1(m.isRep[s&15]) +
		e.priceRepIndex(0, s, ps) + e.repPrices.price[ps][length-2]
}

// priceDist is the price of a distance for matches of one distState.
func (e *encoder) priceDist(dist uint32, ds int) uint32 {
	if dist < fullDists {
		return e.distPrices.full[ds&3][dist]
	}
	return e.distPrices.slot[ds&3][distSlot(dist)&63] + e.distPrices.align[dist&(alignSize-1)]
}

// distSlot numbers the two top bits of a distance and their place.
func distSlot(dist uint32) uint32 {
	if dist < 4 {
		return dist
	}
	n := uint32(bits.Len32(dist)) - 1
	return n<<1 | dist>>(n-1)&1
}
