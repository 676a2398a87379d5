package xz

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
)

// Stream is what a stream says about itself. Nothing was decompressed to learn
// it; every CRC and size outside the compressed data was checked.
type Stream struct {
	Check        Check
	Blocks       []BlockInfo
	Size         int64 // bytes of the stream; what follows is not part of it
	Uncompressed int64
}

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

// UnsupportedError says why a well-formed stream would stop the updater with
// its error 39.
type UnsupportedError struct{ Reason string }

func (e *UnsupportedError) Error() string {
	return "xz: the updater refuses " + e.Reason + " (its error 39)"
}

// LimitError says that a stream would decode to more than the caller allows; a
// [Reader] does not know yet to how much more.
type LimitError struct{ Size, Limit int64 }

func (e *LimitError) Error() string {
	return fmt.Sprintf("xz: stream decodes to at least %d bytes, more than the limit of %d", e.Size, e.Limit)
}

// FilterName names a filter id [format §5.3].
func FilterName(id uint64) string {
	names := map[uint64]string{
		0x03: "delta", filterX86: "x86", 0x05: "powerpc", 0x06: "ia64", filterARM: "arm",
		0x08: "armthumb", 0x09: "sparc", 0x0A: "arm64", 0x0B: "riscv", filterLZMA2: "lzma2",
	}
	if n, ok := names[id]; ok {
		return n
	}
	return fmt.Sprintf("filter %#x", id)
}

// Supported returns nil when the updater can decode such a stream, else an
// [UnsupportedError]. Of a filter it takes no start address, not even 0.
func (s Stream) Supported() error {
	if err := s.Check.supported(); err != nil {
		return err
	}
	for i, b := range s.Blocks {
		if err := b.supported(i); err != nil {
			return err
		}
	}
	return nil
}

func (c Check) supported() error {
	if c != CheckNone && c.size() == 0 {
		return &UnsupportedError{"check " + c.String()}
	}
	return nil
}

// supported is asked of block i.
func (b BlockInfo) supported(i int) error {
	if b.Dict > maxDict {
		return &UnsupportedError{fmt.Sprintf("the dictionary of %d bytes of block %d; at most %d is possible", b.Dict, i, maxDict)}
	}
	for _, id := range b.Filters[:len(b.Filters)-1] {
		if id != filterX86 && id != filterARM || len(b.Filters) > 2 {
			return &UnsupportedError{fmt.Sprintf("the filter %s of block %d", FilterName(id), i)}
		}
	}
	if b.Start != nil {
		return &UnsupportedError{fmt.Sprintf("the start address %d of block %d's filter", *b.Start, i)}
	}
	return nil
}

// Inspect reads the structure of the stream at the start of src. Bytes after
// the stream are allowed here: see Stream.Size.
func Inspect(src []byte) (Stream, error) {
	s, err := inspect(src)
	if err != nil {
		return s, fmt.Errorf("xz: %w", err)
	}
	return s, nil
}

// maxBlocks bounds what is kept of them: an empty one has 16 bytes, what is known
// of it five times as much. xz itself makes blocks of 4 MiB at the least.
const maxBlocks = 1 << 16

// streamHeader reads the header at the start of src.
func streamHeader(src []byte) (Check, error) {
	if len(src) < headerSize || string(src[:6]) != headMagic {
		return 0, fmt.Errorf("not an .xz stream: it starts with %q", src[:min(len(src), 6)])
	}
	if got, want := crc32.ChecksumIEEE(src[6:8]), binary.LittleEndian.Uint32(src[8:]); got != want {
		return 0, fmt.Errorf("stream header has CRC32 %08x, want %08x", got, want)
	}
	if src[6] != 0 || src[7] > 15 {
		return 0, fmt.Errorf("stream flags % x are not known", src[6:8])
	}
	return Check(src[7]), nil
}

func inspect(src []byte) (s Stream, err error) {
	if s.Check, err = streamHeader(src); err != nil {
		return s, err
	}
	pos := int64(headerSize)
	for {
		if pos >= int64(len(src)) {
			return s, fmt.Errorf("stream ends at offset %d, before its index", pos)
		}
		if src[pos] == 0 {
			break
		}
		b, err := inspectBlock(src[pos:], s.Check)
		if err != nil {
			return s, fmt.Errorf("block %d at offset %d: %w", len(s.Blocks), pos, err)
		}
		if len(s.Blocks) == maxBlocks {
			return s, fmt.Errorf("at offset %d is a block beyond the %d that are read", pos, maxBlocks)
		}
		b.Offset = pos
		s.Blocks = append(s.Blocks, b)
		s.Uncompressed += b.Uncompressed
		pos += (b.unpadded(s.Check) + 3) &^ 3
	}
	n, err := checkIndex(src[pos:], s)
	if err != nil {
		return s, fmt.Errorf("index at offset %d: %w", pos, err)
	}
	pos += int64(n)
	if err := checkFooter(src[pos:], s.Check, n); err != nil {
		return s, fmt.Errorf("footer at offset %d: %w", pos, err)
	}
	s.Size = pos + footerSize
	return s, nil
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

// checkIndex compares the index at the start of src with the blocks and returns
// its length.
func checkIndex(src []byte, s Stream) (int, error) {
	n := 1
	number := func(what string, want int64) error {
		v, size, err := varint(src[n:])
		if err != nil {
			return err
		}
		n += size
		if v != uint64(want) {
			return fmt.Errorf("says %s %d, want %d", what, v, want)
		}
		return nil
	}
	if err := number("blocks:", int64(len(s.Blocks))); err != nil {
		return 0, err
	}
	for i, b := range s.Blocks {
		if err := number(fmt.Sprintf("unpadded size of block %d:", i), b.unpadded(s.Check)); err != nil {
			return 0, err
		}
		if err := number(fmt.Sprintf("uncompressed size of block %d:", i), b.Uncompressed); err != nil {
			return 0, err
		}
	}
	for n%4 != 0 {
		if n >= len(src) || src[n] != 0 {
			return 0, fmt.Errorf("padding is cut or not zero")
		}
		n++
	}
	if len(src) < n+4 {
		return 0, fmt.Errorf("runs past the end")
	}
	if got, want := crc32.ChecksumIEEE(src[:n]), binary.LittleEndian.Uint32(src[n:]); got != want {
		return 0, fmt.Errorf("CRC32 is %08x, want %08x", got, want)
	}
	return n + 4, nil
}

func checkFooter(src []byte, c Check, indexSize int) error {
	if len(src) < footerSize {
		return fmt.Errorf("%d bytes, want %d", len(src), footerSize)
	}
	if got, want := crc32.ChecksumIEEE(src[4:10]), binary.LittleEndian.Uint32(src); got != want {
		return fmt.Errorf("CRC32 is %08x, want %08x", got, want)
	}
	if got := (int64(binary.LittleEndian.Uint32(src[4:])) + 1) * 4; got != int64(indexSize) {
		return fmt.Errorf("says an index of %d bytes, got %d", got, indexSize)
	}
	if src[8] != 0 || src[9] != byte(c) {
		return fmt.Errorf("flags % x differ from the header's 00 %02x", src[8:10], byte(c))
	}
	if string(src[10:12]) != footMagic {
		return fmt.Errorf("ends in %q, want %q", src[10:12], footMagic)
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
