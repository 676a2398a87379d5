package xz

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"hash/crc64"
)

// Decode returns what src, one whole stream, was made from. limit is the most
// that may come out.
func Decode(src []byte, limit int64) ([]byte, error) {
	s, err := Inspect(src)
	if err != nil {
		return nil, err
	}
	if s.Size != int64(len(src)) {
		return nil, fmt.Errorf("xz: %d bytes follow the stream, which ends at offset %d", int64(len(src))-s.Size, s.Size)
	}
	return s.Decode(src, limit)
}

// Decode decompresses the stream that Inspect found at the start of src.
// Whatever follows it is left alone, as the updater does.
func (s Stream) Decode(src []byte, limit int64) ([]byte, error) {
	if err := s.Supported(); err != nil {
		return nil, err
	}
	if s.Uncompressed > limit {
		return nil, &LimitError{s.Uncompressed, limit}
	}
	d := newDecoder(s.Uncompressed, int64(len(src)))
	for i, b := range s.Blocks {
		if err := d.block(src[b.Offset:], b, s.Check); err != nil {
			return nil, fmt.Errorf("xz: block %d at offset %d: %w", i, b.Offset, err)
		}
	}
	return d.out, nil
}

// firstShare is how many bytes of output are set aside at once for each byte of
// input. More, when a stream claims more, must be earned by decoding.
const firstShare = 16

// decoder decodes LZMA2. The output is also its dictionary.
type decoder struct {
	out   []byte
	gone  int64 // bytes that were before out and are dropped
	total int64 // what out will hold in the end
	model model
	rc    rangeDecoder
	state state
	reps  [4]uint32

	lc, lp, pb uint
	dict       int64 // furthest distance allowed
	dictStart  int   // nothing before this in out may be copied; less than 0: what is gone
	needDict   bool
	needProps  bool
}

func newDecoder(total, input int64) *decoder {
	return &decoder{total: total, out: make([]byte, 0, min(total, firstShare*input))}
}

func (d *decoder) block(src []byte, b BlockInfo, check Check) error {
	start := len(d.out)
	d.dict = int64(b.Dict)
	d.needDict, d.needProps = true, true
	for rest := src[b.Header:]; ; {
		c, n, err := readChunk(rest)
		if err != nil {
			return err
		}
		if c.end {
			break
		}
		rest = rest[n:]
		if err := d.chunk(c); err != nil {
			return err
		}
	}
	content := d.out[start:]
	f := newUnfilter(b)
	f.run(content)
	sum := contentSum{check: check}
	sum.add(content)
	return sum.compare(src[(b.Header+b.Compressed+3)&^3:])
}

// contentSum is the check of a block's content, as it comes.
type contentSum struct {
	check Check
	crc32 uint32
	crc64 uint64
}

func (s *contentSum) add(b []byte) {
	switch s.check {
	case CheckCRC32:
		s.crc32 = crc32.Update(s.crc32, crc32.IEEETable, b)
	case CheckCRC64:
		s.crc64 = crc64.Update(s.crc64, crc64Table, b)
	}
}

// compare holds it against the check that stands at the start of b.
func (s *contentSum) compare(b []byte) error {
	switch s.check {
	case CheckCRC32:
		if want := binary.LittleEndian.Uint32(b); s.crc32 != want {
			return fmt.Errorf("content has CRC32 %08x, want %08x", s.crc32, want)
		}
	case CheckCRC64:
		if want := binary.LittleEndian.Uint64(b); s.crc64 != want {
			return fmt.Errorf("content has CRC64 %016x, want %016x", s.crc64, want)
		}
	}
	return nil
}

// chunk is a part of LZMA2: LZMA symbols, or stored bytes.
type chunk struct {
	end     bool
	stored  bool
	control byte
	props   byte
	size    int // decoded
	data    []byte
}

// readChunk returns the chunk at the start of src and its length.
func readChunk(src []byte) (c chunk, n int, err error) {
	c, head, n, err := chunkHead(src)
	if err != nil {
		return c, 0, err
	}
	if len(src) < n {
		return c, 0, errCut
	}
	c.data = src[head:n]
	return c, n, nil
}

// maxChunkHead is the longest head of a chunk.
const maxChunkHead = 6

// chunkHead reads the head of a chunk, all but its data, and the length of both.
func chunkHead(src []byte) (c chunk, head, n int, err error) {
	if len(src) == 0 {
		return c, 0, 0, errCut
	}
	c.control = src[0]
	head = 3
	switch {
	case c.control == chunkEnd:
		c.end = true
		return c, 1, 1, nil
	case c.control >= chunkLZMA|resetProps:
		head = 6
	case c.control >= chunkLZMA:
		head = 5
	case c.control > chunkStored:
		return c, 0, 0, fmt.Errorf("chunk has the unknown control byte %#02x", c.control)
	}
	if len(src) < head {
		return c, 0, 0, errCut
	}
	c.size = int(binary.BigEndian.Uint16(src[1:])) + 1
	packed := c.size
	if head == 3 {
		c.stored = true
	} else {
		c.size += int(c.control&0x1F) << 16
		packed = int(binary.BigEndian.Uint16(src[3:])) + 1
	}
	if head == 6 {
		c.props = src[5]
	}
	return c, head, head + packed, nil
}

var errCut = errors.New("compressed data runs past the end")

// walkChunks adds up the chunks at the start of src.
func walkChunks(src []byte) (compressed, uncompressed int64, err error) {
	for {
		c, n, err := readChunk(src[compressed:])
		if err != nil {
			return 0, 0, err
		}
		compressed += int64(n)
		if c.end {
			return compressed, uncompressed, nil
		}
		uncompressed += int64(c.size)
	}
}

func (d *decoder) chunk(c chunk) error {
	if err := d.lzma2(c); err != nil {
		return fmt.Errorf("chunk at byte %d of the output: %w", d.gone+int64(len(d.out)), err)
	}
	return nil
}

func (d *decoder) lzma2(c chunk) error {
	d.grow(c.size)
	if c.stored {
		if c.control == chunkStoredFirst {
			d.needDict, d.needProps = false, true
			d.dictStart = len(d.out)
		} else if d.needDict {
			return errors.New("stored before the dictionary was reset")
		}
		d.out = append(d.out, c.data...)
		return nil
	}
	reset := c.control & resetDict
	if reset == resetDict {
		d.needDict = false
		d.dictStart = len(d.out)
	}
	if d.needDict {
		return errors.New("symbols before the dictionary was reset")
	}
	if reset >= resetProps {
		p := uint(c.props)
		d.lc, d.lp, d.pb = p%9, p/9%5, p/45
		if d.pb > 4 || d.lc+d.lp > 4 {
			return fmt.Errorf("properties %#02x are not valid", c.props)
		}
		d.needProps = false
	}
	if d.needProps {
		return errors.New("symbols before the properties were set")
	}
	if reset != 0 {
		d.model.reset(1 << (d.lc + d.lp))
		d.state, d.reps = 0, [4]uint32{}
	}
	if err := d.rc.start(c.data); err != nil {
		return err
	}
	if err := d.symbols(len(d.out) + c.size); err != nil {
		return err
	}
	return d.rc.finish()
}

// earned is the part of what a stream claims that it must have given before it
// is believed and gets room for all: copied at the end of each doubling, the
// output would be in memory twice.
const earned = 8

// grow makes room for n more bytes. It at most doubles, until the stream has
// earned all: so memory stays in proportion to what was decoded.
func (d *decoder) grow(n int) {
	need := len(d.out) + n
	if need <= cap(d.out) {
		return
	}
	room := max(int64(need), min(2*int64(cap(d.out)), d.total))
	if int64(need) > d.total/earned {
		room = max(room, d.total)
	}
	bigger := make([]byte, len(d.out), room)
	copy(bigger, d.out)
	d.out = bigger
}
