package xz

// encoder makes LZMA symbols of one block at a time; its tables are used again
// for the next.
type encoder struct {
	in  []byte // the block, filtered, and slack
	out []byte // its chunks
	mf  matchFinder
	rc  rangeEncoder
	par parser

	ctx        Contexts
	posMask    int // of the position's bits that PB and LP count
	litMask    int
	model      model
	lenPrices  lenPrices
	repPrices  lenPrices
	distPrices distPrices
	state      state
	reps       [4]uint32 // recent distances, less 1
}

// start prepares for a block; buf ends in slack bytes that do not count.
func (e *encoder) start(buf []byte, s settings) {
	e.ctx, e.posMask, e.litMask = s.ctx, 1<<s.ctx.PB-1, 1<<s.ctx.LP-1
	e.mf.start(buf, s.dict, s.nice, s.depth)
	e.distPrices.slots = int(distSlot(s.dict-1)) + 1
}

// reset forgets what was learned.
func (e *encoder) reset() {
	e.model.reset(1 << (e.ctx.LC + e.ctx.LP))
	e.state, e.reps = 0, [4]uint32{}
	for ps := range e.posMask + 1 {
		e.lenPrices.update(&e.model.matchLen, ps)
		e.repPrices.update(&e.model.repLen, ps)
	}
	e.distPrices.updateSlots(&e.model)
	e.distPrices.updateAlign(&e.model)
}

// posState is what the position p adds to the context of symbols and lengths.
func (e *encoder) posState(p int) int { return p & e.posMask & (posStatesMax - 1) }

// literalCoder is what codes a literal at p.
func (e *encoder) literalCoder(p int) *[0x300]uint16 {
	var prev int
	if p > 0 {
		prev = int(e.mf.buf[p-1])
	}
	i := p&e.litMask<<(e.ctx.LC&7) | prev>>(8-e.ctx.LC&15)
	return (*[0x300]uint16)(e.model.literal[i*0x300:])
}

// put codes one symbol at p.
func (e *encoder) put(p int, st step) {
	m, rc, s, ps := &e.model, &e.rc, e.state&15, e.posState(p)
	isMatch := &m.isMatch[s][ps]
	switch {
	case st.back == literalStep:
		rc.bit(isMatch, 0)
		e.putLiteral(p)
	case st.back < 4:
		rc.bit(isMatch, 1)
		rc.bit(&m.isRep[s], 1)
		e.putRep(s, ps, st)
	default:
		rc.bit(isMatch, 1)
		rc.bit(&m.isRep[s], 0)
		e.putLength(&m.matchLen, &e.lenPrices, st.length, ps)
		e.putDist(st.back-4, distState(int(st.length)))
	}
	e.state = afterSymbol(s, &e.reps, st.back, st.length)
}

func (e *encoder) putLiteral(p int) {
	buf, probs := e.mf.buf, e.literalCoder(p)
	if e.state < litStates {
		e.rc.tree(probs[:], uint32(buf[p]), 8)
		return
	}
	offset, that := uint32(0x100), uint32(buf[p-int(e.reps[0])-1])
	for sym := uint32(buf[p]) | 0x100; sym < 0x10000; {
		that <<= 1
		e.rc.bit(&probs[offset+(that&offset)+sym>>8], sym>>7&1)
		sym <<= 1
		offset &= ^(that ^ sym)
	}
}

func (e *encoder) putRep(s state, ps int, st step) {
	m, rc := &e.model, &e.rc
	if st.back == 0 {
		rc.bit(&m.isRep0[s], 0)
		if st.length == 1 {
			rc.bit(&m.isRep0Long[s][ps], 0)
			return
		}
		rc.bit(&m.isRep0Long[s][ps], 1)
	} else {
		rc.bit(&m.isRep0[s], 1)
		if st.back == 1 {
			rc.bit(&m.isRep1[s], 0)
		} else {
			rc.bit(&m.isRep1[s], 1)
			rc.bit(&m.isRep2[s], st.back-2)
		}
	}
	e.putLength(&m.repLen, &e.repPrices, st.length, ps)
}

func (e *encoder) putLength(l *lenModel, prices *lenPrices, length uint32, ps int) {
	v := length - minMatch
	switch {
	case v < lenLow:
		e.rc.bit(&l.choice[0], 0)
		e.rc.tree(l.low[ps][:], v, 3)
	case v < lenLow+lenMid:
		e.rc.bit(&l.choice[0], 1)
		e.rc.bit(&l.choice[1], 0)
		e.rc.tree(l.mid[ps][:], v-lenLow, 3)
	default:
		e.rc.bit(&l.choice[0], 1)
		e.rc.bit(&l.choice[1], 1)
		e.rc.tree(l.highest[:], v-lenLow-lenMid, 8)
	}
	prices.left[ps]--
	if prices.left[ps] == 0 {
		prices.update(l, ps)
	}
}

func (e *encoder) putDist(dist uint32, ds int) {
	m, rc := &e.model, &e.rc
	slot := distSlot(dist)
	rc.tree(m.slot[ds][:], slot, 6)
	if slot >= 4 {
		n := int(slot/2 - 1)
		base := (2 | slot&1) << n
		if slot < slotsModeled {
			rc.reverseTree(m.special[base-slot:], dist-base, n)
		} else {
			rc.direct((dist-base)>>alignBits, n-alignBits)
			rc.reverseTree(m.align[:], dist&(alignSize-1), alignBits)
			e.distPrices.alignUses++
		}
	}
	e.distPrices.slotUses++
}

// refresh brings prices up to date that have been used often since they were
// made.
func (e *encoder) refresh() {
	if e.distPrices.slotUses >= slotUses {
		e.distPrices.updateSlots(&e.model)
	}
	if e.distPrices.alignUses >= alignUses {
		e.distPrices.updateAlign(&e.model)
	}
}
