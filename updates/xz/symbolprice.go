package xz

import "math/bits"

// priceLiteral is the price of the byte at p after its isMatch bit; that is the
// byte at the newest distance.
func (e *encoder) priceLiteral(p int, s state, that byte) uint32 {
	probs := e.literalCoder(p)
	sym := uint32(e.mf.buf[p]) | 0x100
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
	m, ps := &e.model, e.posState(p)
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
