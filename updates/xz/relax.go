package xz

// relax tries every way to go on from node cur, at position p.
func (e *encoder) relax(cur, p int, matches []match) {
	par, m, buf, nice := &e.par, &e.model, e.mf.buf, e.mf.nice
	from := &par.node[cur]
	s, reps := from.state&15, &from.reps
	base := par.price[cur]
	ps := e.posState(p)
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
	matchBase += price0(m.isRep[s]) + newDistance
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
	c += price0(e.model.isMatch[s][e.posState(q)]) + e.priceLiteral(q, s, buf[q-dist])
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
