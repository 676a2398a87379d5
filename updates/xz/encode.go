package xz

import (
	"encoding/binary"
	"fmt"
	"hash/crc64"
	"slices"
	"sync"
)

// Block is a compressed piece that any stream can take in.
type Block struct {
	Data         []byte // header, chunks, padding and check, as they stand in a stream
	Unpadded     int64  // length of Data without the padding
	Uncompressed int64
}

// encoders keeps tables for the next block: mapping them anew would cost more
// than compressing a small file. What they hold never shows in the output.
var encoders = sync.Pool{New: func() any { return new(encoder) }}

var crc64Table = crc64.MakeTable(crc64.ECMA)

// Piece is a part of a file whose bytes are alike, with the options that suit
// them; its Workers do not count.
type Piece struct {
	Data    []byte
	Options Options
}

// Encode compresses src to one stream.
func Encode(src []byte, o Options) ([]byte, error) {
	return EncodePieces([]Piece{{src, o}}, o.Workers)
}

// EncodePieces compresses a file to one stream in which each piece begins a
// block; workers is as in [Options].
func EncodePieces(pieces []Piece, workers int) ([]byte, error) {
	type job struct {
		data []byte
		s    settings
	}
	var jobs []job
	for _, p := range pieces {
		s, err := p.Options.settings()
		if err != nil {
			return nil, err
		}
		for data := range slices.Chunk(p.Data, s.block) {
			jobs = append(jobs, job{data, s})
		}
	}
	blocks := make([]Block, len(jobs))
	one := func(i int) { blocks[i] = encodeBlock(jobs[i].data, jobs[i].s, len(jobs) > 1) }
	workers = min(workers, len(jobs))
	if workers <= 1 {
		for i := range blocks {
			one(i)
		}
		return Assemble(blocks), nil
	}
	next := make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range next {
				one(i)
			}
		})
	}
	for i := range blocks {
		next <- i
	}
	close(next)
	wg.Wait()
	return Assemble(blocks), nil
}

// EncodeBlock compresses src to one block, whatever Options.BlockSize says.
func EncodeBlock(src []byte, o Options) (Block, error) {
	s, err := o.settings()
	if err != nil {
		return Block{}, err
	}
	if len(src) == 0 || len(src) > maxBlock {
		return Block{}, fmt.Errorf("xz: a block of %d bytes is not within 1 and %d", len(src), maxBlock)
	}
	return encodeBlock(src, s, true), nil
}

// Assemble makes the stream of blocks, in order; without any it is the stream
// of no bytes.
func Assemble(blocks []Block) []byte {
	size := headerSize + footerSize + 2*maxVarint*len(blocks) + 16
	for _, b := range blocks {
		size += len(b.Data)
	}
	out := appendStreamHeader(make([]byte, 0, size), CheckCRC64)
	for _, b := range blocks {
		out = append(out, b.Data...)
	}
	start := len(out)
	out = appendIndex(out, blocks)
	return appendFooter(out, CheckCRC64, len(out)-start)
}

// encodeBlock compresses src. With sized, the header tells the sizes, so that
// the block can be read apart from its stream; a file of one block goes without
// them, as it does with xz.
func encodeBlock(src []byte, s settings, sized bool) Block {
	e := encoders.Get().(*encoder)
	defer encoders.Put(e)
	e.in = append(append(e.in[:0], src...), make([]byte, slack)...)
	if s.bcj == X86 {
		x86Filter(e.in[:len(src)], true)
	}
	e.out = e.lzma2(e.out[:0], e.in, s)

	compressed, uncompressed := int64(len(e.out)), int64(len(src))
	if !sized {
		compressed, uncompressed = -1, -1
	}
	data := make([]byte, 0, len(e.out)+64)
	data = appendBlockHeader(data, s, compressed, uncompressed)
	data = append(data, e.out...)
	unpadded := int64(len(data)) + int64(CheckCRC64.size())
	for len(data)%4 != 0 {
		data = append(data, 0)
	}
	data = binary.LittleEndian.AppendUint64(data, crc64.Checksum(src, crc64Table))
	return Block{Data: data, Unpadded: unpadded, Uncompressed: int64(len(src))}
}
