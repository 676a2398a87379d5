package bsdiff

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

// oldCRC is CRC-32/BZIP2, MBDIFF10's checksum of the old file: polynomial
// 04C11DB7 like the everyday CRC-32, but taking the high bit of a byte first.
// So it is the mirror image of the everyday one over mirrored bytes, and the
// standard library's machine code for that does the work.
func oldCRC(b []byte) uint32 {
	var crc uint32
	var mirrored [4096]byte
	for len(b) > 0 {
		n := min(len(b), len(mirrored))
		i := 0
		for ; i+8 <= n; i += 8 {
			v := bits.Reverse64(binary.LittleEndian.Uint64(b[i:]))
			binary.BigEndian.PutUint64(mirrored[i:], v)
		}
		for ; i < n; i++ {
			mirrored[i] = bits.Reverse8(b[i])
		}
		crc = crc32.Update(crc, crc32.IEEETable, mirrored[:n])
		b = b[n:]
	}
	return bits.Reverse32(crc)
}
