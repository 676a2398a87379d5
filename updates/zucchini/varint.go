package zucchini

import (
	"errors"
	"math"
)

var (
	errShortVarint = errors.New("number runs past the end of its buffer")
	errLongVarint  = errors.New("number does not fit 32 bits")
)

// A stream is a buffer of numbers, read from its front: seven bits a byte, low
// ones first, the top bit telling that more follow.
type stream []byte

// unsigned takes the next number.
func (s *stream) unsigned() (uint32, error) {
	var v uint64
	for i, c := range *s {
		if i == 5 {
			return 0, errLongVarint
		}
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			if v > math.MaxUint32 {
				return 0, errLongVarint
			}
			*s = (*s)[i+1:]
			return uint32(v), nil
		}
	}
	return 0, errShortVarint
}

// signed takes the next number, of the kind that keeps its sign in the lowest bit.
func (s *stream) signed() (int32, error) {
	v, err := s.unsigned()
	if v&1 != 0 {
		return ^int32(v >> 1), err
	}
	return int32(v >> 1), err
}

func appendUnsigned(b []byte, v uint32) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

func appendSigned(b []byte, v int32) []byte {
	if v < 0 {
		return appendUnsigned(b, uint32(^v)<<1|1)
	}
	return appendUnsigned(b, uint32(v)<<1)
}
