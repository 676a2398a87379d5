package xz

// rangeEncoder turns bits and their probabilities into bytes. low may carry
// into bytes already written, so they are corrected in place; the first byte of
// a chunk is always 0 and stops any carry.
type rangeEncoder struct {
	low  uint64 // 32 bits, and a carry for a moment
	rng  uint32
	out  []byte
	base int // where the chunk starts in out
}

func (e *rangeEncoder) start(out []byte) {
	e.low, e.rng = 0, 0xFFFFFFFF
	e.base = len(out)
	e.out = append(out, 0)
}

// size is what the chunk would have if it ended now.
func (e *rangeEncoder) size() int { return len(e.out) - e.base + 4 }

func (e *rangeEncoder) finish() []byte {
	for range 4 {
		e.shift()
	}
	return e.out
}

func (e *rangeEncoder) shift() {
	if e.low>>32 != 0 {
		for i := len(e.out) - 1; ; i-- {
			e.out[i]++
			if e.out[i] != 0 {
				break
			}
		}
	}
	e.out = append(e.out, byte(e.low>>24))
	e.low = e.low << 8 & 0xFFFFFFFF
}

func (e *rangeEncoder) bit(p *uint16, bit uint32) {
	prob := uint32(*p)
	bound := (e.rng >> probBits) * prob
	if bit == 0 {
		e.rng = bound
		*p = uint16(prob + (1<<probBits-prob)>>moveBits)
	} else {
		e.low += uint64(bound)
		e.rng -= bound
		*p = uint16(prob - prob>>moveBits)
	}
	for e.rng < topValue {
		e.rng <<= 8
		e.shift()
	}
}

// tree codes the n bits of v, highest first, each in the context of those
// before it.
func (e *rangeEncoder) tree(probs []uint16, v uint32, n int) {
	node := uint32(1)
	for n--; n >= 0; n-- {
		b := v >> n & 1
		e.bit(&probs[node], b)
		node = node<<1 | b
	}
}

// reverseTree codes lowest bit first.
func (e *rangeEncoder) reverseTree(probs []uint16, v uint32, n int) {
	node := uint32(1)
	for ; n > 0; n-- {
		b := v & 1
		v >>= 1
		e.bit(&probs[node], b)
		node = node<<1 | b
	}
}

// direct codes n bits without a model.
func (e *rangeEncoder) direct(v uint32, n int) {
	for n--; n >= 0; n-- {
		e.rng >>= 1
		e.low += uint64(e.rng & -(v >> n & 1))
		for e.rng < topValue {
			e.rng <<= 8
			e.shift()
		}
	}
}
