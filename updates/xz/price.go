package xz

import "math"

// Prices are in 1/64 bit and rounded up. In sparse data, the differences of a
// patch, nearly every bit costs almost nothing: prices that round to 0 made such
// patches 3 % larger, for then the number of symbols does not count.
const (
	priceShift    = 6
	priceReduce   = 3 // probabilities are looked up without their low bits
	priceMask     = 1<<(probBits-priceReduce) - 1
	infinitePrice = 1 << 30

	// newDistance is added to the price of a match: its distance drives out
	// a recent one, and what that would have saved later no price tells. A quarter of
	// a bit makes patches up to 0.9 % smaller and costs nothing.
	newDistance = 1 << priceShift / 4

	// Uses after which prices are made anew. liblzma waits four times as long
	// for distances and, at its longest nice length, 17 times for lengths; but
	// prices that follow the model sooner cost hardly any time and save half a
	// per cent of most patches, and 4 % of some.
	lenUses   = 16
	slotUses  = 32
	alignUses = alignSize
)

var bitPrice = makeBitPrices()

func makeBitPrices() (t [priceMask + 1]uint16) {
	for i := range t {
		// The middle of the values that share the entry.
		p := (float64(i)*(1<<priceReduce) + 1<<(priceReduce-1)) / (1 << probBits)
		t[i] = uint16(math.Ceil(-math.Log2(p) * (1 << priceShift)))
	}
	return t
}

func price0(p uint16) uint32 { return uint32(bitPrice[p>>priceReduce&priceMask]) }
func price1(p uint16) uint32 { return uint32(bitPrice[(p^(1<<probBits-1))>>priceReduce&priceMask]) }

func priceBit(p uint16, bit uint32) uint32 {
	return uint32(bitPrice[(uint32(p)^(-bit&(1<<probBits-1)))>>priceReduce&priceMask])
}

func priceTree(probs []uint16, v uint32, n int) (sum uint32) {
	v |= 1 << n
	for v > 1 {
		sum += priceBit(probs[v>>1], v&1)
		v >>= 1
	}
	return sum
}

func priceReverseTree(probs []uint16, v uint32, n int) (sum uint32) {
	node := uint32(1)
	for ; n > 0; n-- {
		b := v & 1
		v >>= 1
		sum += priceBit(probs[node], b)
		node = node<<1 | b
	}
	return sum
}

// priceLeaves sets t to the prices of all values of the tree, each plus base:
// from the root down, so that every bit is priced once.
func priceLeaves(t []uint32, probs []uint16, base uint32) {
	t[0] = base
	for nodes := 1; nodes < len(t); nodes *= 2 {
		for i := nodes - 1; i >= 0; i-- {
			c, p := t[i], probs[nodes+i]
			t[2*i], t[2*i+1] = c+price0(p), c+price1(p)
		}
	}
}

// lenPrices are the prices of the lengths of one lenModel, kept per position
// state and made anew after lenUses uses.
type lenPrices struct {
	price [posStatesMax][lenSymbols]uint32 // by length−2
	left  [posStatesMax]int                // uses until made anew
}

func (l *lenPrices) update(m *lenModel, posState int) {
	l.left[posState] = lenUses
	t := &l.price[posState]
	low, mid, high := t[:lenLow], t[lenLow:lenLow+lenMid], t[lenLow+lenMid:]
	beyond := price1(m.choice[0])
	priceLeaves(low, m.low[posState][:], price0(m.choice[0]))
	priceLeaves(mid, m.mid[posState][:], beyond+price0(m.choice[1]))
	priceLeaves(high, m.highest[:], beyond+price1(m.choice[1]))
}

// distPrices are the prices of distances: whole below fullDists, above that of
// the slot with its direct bits and, apart, of the low bits.
type distPrices struct {
	slot      [distStates][distSlots]uint32
	full      [distStates][fullDists]uint32
	align     [alignSize]uint32
	slotUses  int // matches since slot and full were made
	alignUses int // far matches since align was made
	slots     int // slots that the dictionary can need
}

func (d *distPrices) updateSlots(m *model) {
	d.slotUses = 0
	for s := range d.slot {
		for i := 0; i < d.slots; i++ {
			p := priceTree(m.slot[s][:], uint32(i), 6)
			if i >= slotsModeled {
				p += uint32(i/2-1-alignBits) << priceShift
			}
			d.slot[s][i] = p
		}
		for i := uint32(0); i < 4; i++ {
			d.full[s][i] = d.slot[s][i]
		}
	}
	for i := uint32(4); i < fullDists; i++ {
		slot := distSlot(i)
		n := int(slot/2 - 1)
		base := (2 | slot&1) << n
		p := priceReverseTree(m.special[base-slot:], i-base, n)
		for s := range d.full {
			d.full[s][i] = p + d.slot[s][slot]
		}
	}
}

func (d *distPrices) updateAlign(m *model) {
	d.alignUses = 0
	for i := range d.align {
		d.align[i] = priceReverseTree(m.align[:], uint32(i), alignBits)
	}
}
