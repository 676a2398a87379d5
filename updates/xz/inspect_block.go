package xz

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
)

// BlockInfo is what a block's header and its chunks say.
type BlockInfo struct {
	Offset       int64 // of the header in the stream
	Header       int64 // its length
	Compressed   int64
	Uncompressed int64
	Filters      []uint64 // ids in order; the last is LZMA2
	Start        *uint32  // address of the first byte, where the BCJ filter is given one
	Dict         uint64   // bytes of dictionary that a decoder must keep
}

func (b BlockInfo) unpadded(c Check) int64 {
	return b.Header + b.Compressed + checkSizes[c&15]
}

// checkSizes of all ids, known or not [format §2.1.1.2].
var checkSizes = [16]int64{0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64}

// claimed is what a block's header says of its sizes; -1 is nothing.
type claimed struct{ compressed, uncompressed int64 }

func (c claimed) check(b BlockInfo) error {
	if c.compressed >= 0 && c.compressed != b.Compressed {
		return fmt.Errorf("header says %d compressed bytes, got %d", c.compressed, b.Compressed)
	}
	if c.uncompressed >= 0 && c.uncompressed != b.Uncompressed {
		return fmt.Errorf("header says %d bytes, its chunks %d", c.uncompressed, b.Uncompressed)
	}
	return nil
}

// blockHeader reads the header at the start of src.
func blockHeader(src []byte) (b BlockInfo, says claimed, err error) {
	says = claimed{-1, -1}
	h := (int(src[0]) + 1) * 4
	if len(src) < h {
		return b, says, fmt.Errorf("header of %d bytes runs past the end (%d)", h, len(src))
	}
	body := src[:h-4]
	if got, want := crc32.ChecksumIEEE(body), binary.LittleEndian.Uint32(src[h-4:]); got != want {
		return b, says, fmt.Errorf("header has CRC32 %08x, want %08x", got, want)
	}
	b.Header = int64(h)
	flags, rest := body[1], body[2:]
	if flags&0x3C != 0 {
		return b, says, fmt.Errorf("flags %#02x are not known", flags)
	}
	number := func() (v uint64) {
		if err != nil {
			return 0
		}
		var n int
		v, n, err = varint(rest)
		rest = rest[n:]
		return v
	}
	if flags&0x40 != 0 {
		says.compressed = int64(number())
	}
	if flags&0x80 != 0 {
		says.uncompressed = int64(number())
	}
	for range flags&3 + 1 {
		id, size := number(), number()
		if err != nil || size > uint64(len(rest)) {
			return b, says, fmt.Errorf("filters run past the header")
		}
		props := rest[:size]
		rest = rest[size:]
		b.Filters = append(b.Filters, id)
		switch {
		case id == filterLZMA2:
			if size != 1 || props[0] > 40 {
				return b, says, fmt.Errorf("lzma2 properties % x are not valid", props)
			}
			b.Dict = dictSize(props[0])
		case id != filterX86 && id != filterARM || size == 0:
		case size == 4:
			start := binary.LittleEndian.Uint32(props)
			b.Start = &start
		default:
			return b, says, fmt.Errorf("%s properties % x are not valid", FilterName(id), props)
		}
	}
	if slices.Index(b.Filters, filterLZMA2) != len(b.Filters)-1 {
		return b, says, fmt.Errorf("filters %v do not end in lzma2, once", b.Filters)
	}
	if slices.Max(append(slices.Clone(rest), 0)) != 0 {
		return b, says, fmt.Errorf("header padding % x is not zero", rest)
	}
	return b, says, nil
}

// inspectBlock reads the header at the start of src and walks over the chunks.
func inspectBlock(src []byte, check Check) (BlockInfo, error) {
	b, says, err := blockHeader(src)
	if err != nil {
		return b, err
	}
	src = src[b.Header:]
	b.Compressed, b.Uncompressed, err = walkChunks(src)
	if err == nil {
		err = says.check(b)
	}
	if err == nil {
		err = checkPadding(src[b.Compressed:], b, check)
	}
	return b, err
}

// checkPadding looks at what stands behind a block's chunks, with room for the
// check of its content.
func checkPadding(src []byte, b BlockInfo, check Check) error {
	n := -b.Compressed & 3
	if n+checkSizes[check&15] > int64(len(src)) {
		return fmt.Errorf("padding and check run past the end")
	}
	for _, c := range src[:n] {
		if c != 0 {
			return fmt.Errorf("block padding % x is not zero", src[:n])
		}
	}
	return nil
}

// ParseBlock reads back a Block from its Data, which must be nothing but a
// block that EncodeBlock made.
func ParseBlock(data []byte) (Block, error) {
	if len(data) == 0 || data[0] == 0 {
		return Block{}, fmt.Errorf("xz: %d bytes are not a block", len(data))
	}
	b, err := inspectBlock(data, CheckCRC64)
	if err != nil {
		return Block{}, fmt.Errorf("xz: block: %w", err)
	}
	unpadded := b.unpadded(CheckCRC64)
	if padded := (unpadded + 3) &^ 3; padded != int64(len(data)) {
		return Block{}, fmt.Errorf("xz: block of %d bytes is followed by %d more", padded, int64(len(data))-padded)
	}
	return Block{Data: data, Unpadded: unpadded, Uncompressed: b.Uncompressed}, nil
}
