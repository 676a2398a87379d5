package xz

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// [format §2] stream header and footer, [format §3] block header,
// [format §4] index. All integers are little endian.

const (
	headerSize = 12
	footerSize = 12
	headMagic  = "\xfd7zXZ\x00"
	footMagic  = "YZ"

	filterX86   = 0x04
	filterARM   = 0x07
	filterLZMA2 = 0x21

	maxVarint = 9 // bytes; so 63 bits
)

// Check is how the content of blocks is checked.
type Check byte

const (
	CheckNone   Check = 0
	CheckCRC32  Check = 1
	CheckCRC64  Check = 4
	CheckSHA256 Check = 10
)

func (c Check) String() string {
	switch c {
	case CheckNone:
		return "none"
	case CheckCRC32:
		return "CRC32"
	case CheckCRC64:
		return "CRC64"
	case CheckSHA256:
		return "SHA-256"
	}
	return fmt.Sprintf("%d", byte(c))
}

// size of the check in bytes; 0 for those we do not read.
func (c Check) size() int {
	switch c {
	case CheckCRC32:
		return 4
	case CheckCRC64:
		return 8
	}
	return 0
}

func appendStreamHeader(b []byte, c Check) []byte {
	b = append(b, headMagic...)
	b = append(b, 0, byte(c))
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte{0, byte(c)}))
}

func appendFooter(b []byte, c Check, indexSize int) []byte {
	var f [6]byte
	binary.LittleEndian.PutUint32(f[:], uint32(indexSize/4-1))
	f[5] = byte(c)
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(f[:]))
	b = append(b, f[:]...)
	return append(b, footMagic...)
}

func appendIndex(b []byte, blocks []Block) []byte {
	start := len(b)
	b = append(b, 0)
	b = binary.AppendUvarint(b, uint64(len(blocks)))
	for _, k := range blocks {
		b = binary.AppendUvarint(b, uint64(k.Unpadded))
		b = binary.AppendUvarint(b, uint64(k.Uncompressed))
	}
	for (len(b)-start)%4 != 0 {
		b = append(b, 0)
	}
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b[start:]))
}

// appendBlockHeader writes the header of a block; sizes below 0 are left out.
func appendBlockHeader(b []byte, s settings, compressed, uncompressed int64) []byte {
	start := len(b)
	filters := byte(1)
	if s.bcj == X86 {
		filters = 2
	}
	flags := filters - 1
	if compressed >= 0 {
		flags |= 0xC0
	}
	b = append(b, 0, flags)
	if compressed >= 0 {
		b = binary.AppendUvarint(b, uint64(compressed))
		b = binary.AppendUvarint(b, uint64(uncompressed))
	}
	if s.bcj == X86 {
		b = append(b, filterX86, 0)
	}
	b = append(b, filterLZMA2, 1, dictByte(s.dict))
	for (len(b)-start)%4 != 0 {
		b = append(b, 0)
	}
	b[start] = byte((len(b) - start) / 4)
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b[start:]))
}

// dictByte codes a dictionary size, rounded up to 2^n or 3·2^n [format §5.3.1].
func dictByte(size uint32) byte {
	for d := byte(0); d < 40; d++ {
		if uint64(size) <= dictSize(d) {
			return d
		}
	}
	return 40
}

func dictSize(d byte) uint64 {
	if d == 40 {
		return 1<<32 - 1
	}
	return (2 | uint64(d&1)) << (d/2 + 11)
}

var errVarint = errors.New("malformed number")

// varint reads a number of at most 63 bits in its shortest form [format §1.2].
func varint(b []byte) (v uint64, n int, err error) {
	for n < len(b) && n < maxVarint {
		c := b[n]
		v |= uint64(c&0x7F) << (7 * n)
		n++
		if c < 0x80 {
			if c == 0 && n > 1 {
				return 0, 0, errVarint
			}
			return v, n, nil
		}
	}
	return 0, 0, errVarint
}
