package xz

import (
	"encoding/binary"
	"errors"
)

// rangeDecoder gives back the bits that rangeEncoder took. Past the end of its
// input it reads zeros and counts on, which finish notices.
type rangeDecoder struct {
	in   []byte
	pos  int
	rng  uint32
	code uint32
}

func (r *rangeDecoder) start(in []byte) error {
	if len(in) < 5 || in[0] != 0 {
		return errors.New("range coder does not start with a zero and four bytes")
	}
	r.in, r.pos = in, 5
	r.rng, r.code = 0xFFFFFFFF, binary.BigEndian.Uint32(in[1:])
	return nil
}

func (r *rangeDecoder) finish() error {
	if r.pos > len(r.in) {
		return errors.New("range coder wants more bytes than there are")
	}
	if r.rng < topValue {
		r.next()
	}
	if r.pos != len(r.in) || r.code != 0 {
		return errors.New("range coder has bytes left over")
	}
	return nil
}

func (r *rangeDecoder) next() {
	r.rng <<= 8
	r.code <<= 8
	if r.pos < len(r.in) {
		r.code |= uint32(r.in[r.pos])
	}
	r.pos++
}

func (r *rangeDecoder) bit(p *uint16) uint32 {
	if r.rng < topValue {
		r.next()
	}
	prob := uint32(*p)
	bound := (r.rng >> probBits) * prob
	if r.code < bound {
		r.rng = bound
		*p = uint16(prob + (1<<probBits-prob)>>moveBits)
		return 0
	}
	r.rng -= bound
	r.code -= bound
	*p = uint16(prob - prob>>moveBits)
	return 1
}

// tree decodes n bits, highest first, each in the context of those before. It
// is most of the work, so it repeats what bit does without going through memory.
func (r *rangeDecoder) tree(probs []uint16, n int) uint32 {
	rng, code := r.rng, r.code
	node := uint32(1)
	for range n {
		if rng < topValue {
			rng <<= 8
			code <<= 8
			if r.pos < len(r.in) {
				code |= uint32(r.in[r.pos])
			}
			r.pos++
		}
		p := &probs[node]
		prob := uint32(*p)
		bound := (rng >> probBits) * prob
		if code < bound {
			rng = bound
			*p = uint16(prob + (1<<probBits-prob)>>moveBits)
			node <<= 1
		} else {
			rng -= bound
			code -= bound
			*p = uint16(prob - prob>>moveBits)
			node = node<<1 | 1
		}
	}
	r.rng, r.code = rng, code
	return node - 1<<n
}

// matched decodes a byte after a match. As long as its bits agree with those of
// that, the byte at the newest distance, they have contexts of their own.
func (r *rangeDecoder) matched(probs *[0x300]uint16, that uint32) byte {
	rng, code := r.rng, r.code
	offset, node := uint32(0x100), uint32(1)
	for node < 0x100 {
		if rng < topValue {
			rng <<= 8
			code <<= 8
			if r.pos < len(r.in) {
				code |= uint32(r.in[r.pos])
			}
			r.pos++
		}
		that <<= 1
		p := &probs[offset+that&offset+node]
		prob := uint32(*p)
		bound := (rng >> probBits) * prob
		if code < bound {
			rng = bound
			*p = uint16(prob + (1<<probBits-prob)>>moveBits)
			node <<= 1
			offset &= ^that
		} else {
			rng -= bound
			code -= bound
			*p = uint16(prob - prob>>moveBits)
			node = node<<1 | 1
			offset &= that
		}
	}
	r.rng, r.code = rng, code
	return byte(node)
}

func (r *rangeDecoder) reverseTree(probs []uint16, n int) (v uint32) {
	node := uint32(1)
	for i := range n {
		b := r.bit(&probs[node])
		node = node<<1 | b
		v |= b << i
	}
	return v
}

func (r *rangeDecoder) direct(n int) (v uint32) {
	for range n {
		if r.rng < topValue {
			r.next()
		}
		r.rng >>= 1
		b := uint32(0)
		if r.code >= r.rng {
			r.code -= r.rng
			b = 1
		}
		v = v<<1 | b
	}
	return v
}
