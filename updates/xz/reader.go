package xz

import (
	"bufio"
	"fmt"
	"io"
)

// Reader decodes one stream as it comes, in memory of the dictionary and half of
// that again, whatever the stream holds. It is as strict as [Decode], though what
// is wrong behind a place is found only after what stands before it was given.
type Reader struct {
	src     *bufio.Reader
	limit   int64
	started bool
	seen    Stream // until now
	d       decoder
	block   *BlockInfo // that is being decoded, or nil
	says    claimed
	sum     contentSum
	filter  unfilter
	buf     []byte // of a filtered block, for the dictionary is of bytes before the filter
	done    int    // bytes of buf that the filter has done with
	ready   []byte // to be handed out
	err     error
}

const (
	maxPackedChunk = maxChunkHead + 1<<16
	maxBlockHeader = 1024
)

// NewReader reads the stream that is all of r. limit is the most that may come
// out.
func NewReader(r io.Reader, limit int64) *Reader {
	return &Reader{src: bufio.NewReaderSize(r, maxPackedChunk), limit: limit}
}

func (r *Reader) Read(p []byte) (int, error) {
	for len(r.ready) == 0 && r.err == nil && len(p) > 0 {
		r.err = r.step()
	}
	n := copy(p, r.ready)
	r.ready = r.ready[n:]
	if n > 0 {
		return n, nil
	}
	return 0, r.err
}

// step reads the next part of the stream.
func (r *Reader) step() error {
	if !r.started {
		return r.header()
	}
	if r.block != nil {
		err := r.chunk()
		if err != nil {
			if _, ok := err.(*LimitError); !ok {
				err = fmt.Errorf("xz: block %d at offset %d: %w", len(r.seen.Blocks), r.block.Offset, err)
			}
		}
		return err
	}
	b, err := r.peek(1)
	if err != nil {
		return err
	}
	switch {
	case len(b) == 0:
		return fmt.Errorf("xz: stream ends at offset %d, before its index", r.seen.Size)
	case b[0] == 0:
		return r.end()
	}
	return r.begin()
}

// peek gives the next n bytes, fewer at the end.
func (r *Reader) peek(n int) ([]byte, error) {
	b, err := r.src.Peek(n)
	if err == io.EOF {
		err = nil
	}
	return b, err
}

// skip passes over what was peeked.
func (r *Reader) skip(n int64) {
	r.src.Discard(int(n)) // it was peeked: no error
	r.seen.Size += n
}

func (r *Reader) header() error {
	b, err := r.peek(headerSize)
	if err != nil {
		return err
	}
	if r.seen.Check, err = streamHeader(b); err != nil {
		return fmt.Errorf("xz: %w", err)
	}
	r.skip(headerSize)
	r.started = true
	return r.seen.Check.supported()
}

// begin reads the header of a block.
func (r *Reader) begin() error {
	i, at := len(r.seen.Blocks), r.seen.Size
	if i == maxBlocks {
		return fmt.Errorf("xz: at offset %d is a block beyond the %d that are read", at, maxBlocks)
	}
	src, err := r.peek(maxBlockHeader)
	if err != nil {
		return err
	}
	b, says, err := blockHeader(src)
	if err != nil {
		return fmt.Errorf("xz: block %d at offset %d: %w", i, at, err)
	}
	if err := b.supported(i); err != nil {
		return err
	}
	b.Offset = at
	r.skip(b.Header)
	r.block, r.says = &b, says
	r.sum, r.filter = contentSum{check: r.seen.Check}, newUnfilter(b)
	r.buf, r.done = r.buf[:0], 0
	r.d.begin(b)
	return nil
}

// begin makes the decoder ready for a block by itself, behind all that came out
// before. It keeps the dictionary and half of it, so that it is moved, to make
// room, after as much as that.
func (d *decoder) begin(b BlockInfo) {
	d.gone += int64(len(d.out))
	d.out, d.dictStart = d.out[:0], 0
	d.dict, d.total = int64(b.Dict), int64(b.Dict)+int64(b.Dict)/2+maxChunk
	d.needDict, d.needProps = true, true
}

// slide drops what is beyond the dictionary if n more bytes have no room.
func (d *decoder) slide(n int) {
	if int64(len(d.out)+n) <= d.total {
		return
	}
	k := len(d.out) - int(d.dict)
	d.out = d.out[:copy(d.out, d.out[k:])]
	d.gone += int64(k)
	d.dictStart -= k
	if d.dictStart < -1<<30 { // where int has 32 bits; its low ones count, and that it is far away
		d.dictStart += 1 << 29
	}
}

// chunk decodes the next chunk of the block, or ends it.
func (r *Reader) chunk() error {
	src, err := r.peek(maxChunkHead) // more would move the buffer for each of many small ones
	if err != nil {
		return err
	}
	_, _, n, err := chunkHead(src)
	if err != nil {
		return err
	}
	if src, err = r.peek(n); err != nil {
		return err
	}
	c, n, err := readChunk(src)
	if err != nil {
		return err
	}
	r.block.Compressed += int64(n)
	if c.end {
		r.skip(int64(n))
		return r.endBlock()
	}
	r.block.Uncompressed += int64(c.size)
	if r.seen.Uncompressed += int64(c.size); r.seen.Uncompressed > r.limit {
		return &LimitError{r.seen.Uncompressed, r.limit}
	}
	r.d.slide(c.size)
	from := len(r.d.out)
	if err := r.d.chunk(c); err != nil {
		return err
	}
	r.skip(int64(n)) // c lay in the buffer
	r.give(r.d.out[from:])
	return nil
}

// give hands out what was decoded.
func (r *Reader) give(b []byte) {
	r.ready = b
	if len(r.block.Filters) > 1 {
		left := copy(r.buf, r.buf[r.done:])
		r.buf = append(r.buf[:left], b...)
		r.done = r.filter.run(r.buf)
		r.ready = r.buf[:r.done]
	}
	r.sum.add(r.ready)
}

func (r *Reader) endBlock() error {
	if err := r.says.check(*r.block); err != nil {
		return err
	}
	b := *r.block
	n := -b.Compressed & 3
	src, err := r.peek(int(n + checkSizes[r.seen.Check]))
	if err != nil {
		return err
	}
	if err := checkPadding(src, b, r.seen.Check); err != nil {
		return err
	}
	r.ready = r.buf[r.done:] // what the filter leaves alone
	r.sum.add(r.ready)
	if err := r.sum.compare(src[n:]); err != nil {
		r.ready = nil
		return err
	}
	r.skip(n + checkSizes[r.seen.Check])
	b.Filters = nil // the index tells of sizes
	r.seen.Blocks = append(r.seen.Blocks, b)
	r.block = nil
	return nil
}

// end reads the index and the footer, behind which nothing may stand.
func (r *Reader) end() error {
	most := 1 + maxVarint + 2*maxVarint*len(r.seen.Blocks) + 3 + 4 + footerSize
	rest, err := io.ReadAll(io.LimitReader(r.src, int64(most)+1))
	if err != nil {
		return err
	}
	at := r.seen.Size
	n, err := checkIndex(rest, r.seen)
	if err != nil {
		return fmt.Errorf("xz: index at offset %d: %w", at, err)
	}
	at += int64(n)
	if err := checkFooter(rest[n:], r.seen.Check, n); err != nil {
		return fmt.Errorf("xz: footer at offset %d: %w", at, err)
	}
	if len(rest) > n+footerSize {
		return fmt.Errorf("xz: bytes follow the stream, which ends at offset %d", at+footerSize)
	}
	return io.EOF
}
