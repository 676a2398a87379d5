package xz

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// Stream is what a stream says about itself. Nothing was decompressed to learn
// it; every CRC and size outside the compressed data was checked.
type Stream struct {
	Check        Check
	Blocks       []BlockInfo
	Size         int64 // bytes of the stream; what follows is not part of it
	Uncompressed int64
}

// LimitError says that a stream would decode to more than the caller allows; a
// [Reader] does not know yet to how much more.
type LimitError struct{ Size, Limit int64 }

func (e *LimitError) Error() string {
	return fmt.Sprintf("xz: stream decodes to at least %d bytes, more than the limit of %d", e.Size, e.Limit)
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
