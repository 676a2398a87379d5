package bsdiff

import "encoding/binary"

// The high bits of eight bytes. A borrow or carry stops there, so that eight
// bytes can be subtracted or added in one register.
const high = 0x8080808080808080

// subtract sets dst[i] = a[i] - b[i] mod 256.
func subtract(dst, a, b []byte) {
	a, b = a[:len(dst)], b[:len(dst)]
	i := 0
	for ; i+8 <= len(dst); i += 8 {
		x := binary.LittleEndian.Uint64(a[i:])
		y := binary.LittleEndian.Uint64(b[i:])
		binary.LittleEndian.PutUint64(dst[i:], ((x|high)-(y&^high))^((x^^y)&high))
	}
	for ; i < len(dst); i++ {
		dst[i] = a[i] - b[i]
	}
}

// add sets dst[i] = a[i] + b[i] mod 256.
func add(dst, a, b []byte) {
	a, b = a[:len(dst)], b[:len(dst)]
	i := 0
	for ; i+8 <= len(dst); i += 8 {
		x := binary.LittleEndian.Uint64(a[i:])
		y := binary.LittleEndian.Uint64(b[i:])
		binary.LittleEndian.PutUint64(dst[i:], ((x&^high)+(y&^high))^((x^y)&high))
	}
	for ; i < len(dst); i++ {
		dst[i] = a[i] + b[i]
	}
}
