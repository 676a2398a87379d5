package xz

const (
	// maxNodes bounds how far it is looked ahead before something is coded. With
	// half of it patches grow by a third of a per cent, with twice as much they
	// shrink no more.
	maxNodes = 2048
	// joinReps is how many nodes try recent distances in place of a long match.
	joinReps = 8

	literalStep = 1<<32 - 1 // back of a literal; below 4 a repeat, else distance+4
)

// parser looks for the cheapest way to code what comes next. It looks ahead
// until every way that may still win begins alike; only that beginning is coded,
// and the rest waits for what follows.
type parser struct {
	price [pathNodes]uint32
	node  [pathNodes]node
	cur   int // next node to go on from; 0: no way is under way
	end   int // furthest node reached
	mark  [pathNodes]bool
	steps []step
}

// pathNodes leaves room for the longest symbols from the last node.
const pathNodes = maxNodes + 2*maxMatch + 8

// parse decides some of the next symbols from position p and leaves them in
// par.steps.
func (e *encoder) parse(p int) []step {
	par := &e.par
	par.steps = par.steps[:0]
	if par.cur == 0 && !e.open(p) {
		return par.steps
	}
	for par.cur < par.end {
		if par.cur == maxNodes {
			settled := par.settled()
			if settled < maxNodes/4 {
				break // rare, and not worth looking for again after each byte
			}
			par.backtrack(settled)
			par.drop(settled)
			return par.steps
		}
		matches := e.mf.find()
		par.arrive(par.cur)
		if k := len(matches) - 1; k >= 0 && int(matches[k].length) >= e.mf.nice {
			return e.join(p+par.cur, matches[k])
		}
		e.relax(par.cur, p+par.cur, matches)
		par.cur++
	}
	return e.cut()
}

// open begins a way at p, or, where there is little to choose, decides one
// symbol and returns false.
func (e *encoder) open(p int) bool {
	par := &e.par
	matches := e.mf.find()
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
	par.cur = 1
	return true
}

// cut ends the way that is under way, if any, where it has been looked at last.
func (e *encoder) cut() []step {
	par := &e.par
	par.steps = par.steps[:0]
	par.backtrack(par.cur)
	par.cur = 0
	return par.steps
}

// join ends the way that is under way with a long match at its last node, at
// position p, or rather at the node further on where it is cheapest to change
// over to that match. Where the last few nodes reach as far by a recent
// distance, that is taken instead.
func (e *encoder) join(p int, long match) []step {
	par, m, buf := &e.par, &e.model, e.mf.buf
	cur := par.cur
	to := cur + int(long.length)
	at, last, best := cur, step{}, uint32(infinitePrice)
	for i := cur; i <= min(par.end, to-minMatch); i++ {
		if par.price[i] == infinitePrice {
			continue
		}
		par.arrive(i)
		n, l, q := &par.node[i], to-i, p+i-cur
		s, ps := n.state&15, e.posState(q)
		base := par.price[i] + price1(m.isMatch[s][ps])
		c := base + price0(m.isRep[s]) + newDistance + e.lenPrices.price[ps][l-minMatch] + e.priceDist(long.dist, distState(l))
		if c < best {
			at, last, best = i, step{long.dist + 4, uint32(l)}, c
		}
		if i > cur+joinReps {
			continue
		}
		for j, d := range n.reps {
			if equal(buf, q-int(d)-1, q, 0, l) < l {
				continue
			}
			c := base + price1(m.isRep[s]) + e.priceRepIndex(j, s, ps) + e.repPrices.price[ps][l-minMatch]
			if c < best {
				at, last, best = i, step{uint32(j), uint32(l)}, c
			}
		}
	}
	par.backtrack(at)
	par.steps = append(par.steps, last)
	par.cur = 0
	e.mf.skip(p + to - cur - e.mf.pos)
	return par.steps
}

// only decides one symbol.
func (e *encoder) only(p int, back uint32, length int) bool {
	e.mf.skip(p + length - e.mf.pos)
	e.par.steps = append(e.par.steps, step{back, uint32(length)})
	return false
}
