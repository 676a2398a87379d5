package xz

// The model of LZMA, shared by both directions: which adaptive bits exist, and
// how the state, a summary of the last few symbols, moves.

const (
	probBits  = 11
	probHalf  = 1 << (probBits - 1)
	moveBits  = 5 // how fast a probability follows
	topValue  = 1 << 24
	numStates = 12
	litStates = 7 // states below this follow a literal

	posStatesMax = 16 // pb at most 4
	litCodersMax = 16 // lc+lp at most 4

	minMatch     = 2
	lenLow       = 8 // lengths 2–9
	lenMid       = 8 // 10–17
	lenHigh      = 256
	lenSymbols   = lenLow + lenMid + lenHigh
	distStates   = 4 // distances of lengths 2, 3, 4 and more have separate slots
	distSlots    = 64
	slotsModeled = 14 // slots 4–13 have a tree each; above, direct bits and align
	fullDists    = 1 << (slotsModeled / 2)
	alignBits    = 4
	alignSize    = 1 << alignBits
)

// lenModel codes lengths. Trees are stored as heaps: root at 1.
type lenModel struct {
	choice  [2]uint16
	low     [posStatesMax][lenLow]uint16
	mid     [posStatesMax][lenMid]uint16
	highest [lenHigh]uint16
}

// model holds all adaptive probabilities. Where an index is a state, rows are
// 16 wide so that masking spares the bounds check.
type model struct {
	isMatch    [16][posStatesMax]uint16
	isRep      [16]uint16
	isRep0     [16]uint16
	isRep1     [16]uint16
	isRep2     [16]uint16
	isRep0Long [16][posStatesMax]uint16
	slot       [distStates][distSlots]uint16
	special    [fullDists]uint16 // trees of slots 4–13, one after the other
	align      [alignSize]uint16
	matchLen   lenModel
	repLen     lenModel
	literal    [litCodersMax * 0x300]uint16
}

// reset makes all bits even. Of the literal coders only those in use are
// touched: small inputs must be cheap.
func (m *model) reset(literalCoders int) {
	fill := func(p []uint16) {
		for i := range p {
			p[i] = probHalf
		}
	}
	for i := range m.isMatch {
		fill(m.isMatch[i][:])
		fill(m.isRep0Long[i][:])
	}
	fill(m.isRep[:])
	fill(m.isRep0[:])
	fill(m.isRep1[:])
	fill(m.isRep2[:])
	for i := range m.slot {
		fill(m.slot[i][:])
	}
	fill(m.special[:])
	fill(m.align[:])
	for _, l := range []*lenModel{&m.matchLen, &m.repLen} {
		fill(l.choice[:])
		for i := range l.low {
			fill(l.low[i][:])
			fill(l.mid[i][:])
		}
		fill(l.highest[:])
	}
	fill(m.literal[:literalCoders*0x300])
}

// state summarises what the last symbols were; below litStates the last one
// was a literal.
type state uint8

var (
	afterLiteral  = [16]state{0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 4, 5}
	afterMatch    = [16]state{7, 7, 7, 7, 7, 7, 7, 10, 10, 10, 10, 10}
	afterRep      = [16]state{8, 8, 8, 8, 8, 8, 8, 11, 11, 11, 11, 11}
	afterShortRep = [16]state{9, 9, 9, 9, 9, 9, 9, 11, 11, 11, 11, 11}
)

// distState is which of the four slot trees codes the distance of a match.
func distState(length int) int { return min(length-minMatch, distStates-1) }
