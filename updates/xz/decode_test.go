package xz

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"hash/crc64"
	"runtime"
	"strings"
	"testing"
)

// rawStream wraps chunks, as they are, in a stream that is right in all else.
func rawStream(check Check, filters []byte, chunks, content []byte) []byte {
	return claimingStream(check, filters, chunks, content, int64(len(content)))
}

// claimingStream has size as its content's length in the index.
func claimingStream(check Check, filters []byte, chunks, content []byte, size int64) []byte {
	block := append([]byte{0, 0}, filters...)
	if len(filters) > 3 {
		block[1] = 1 // two filters
	}
	for len(block)%4 != 0 {
		block = append(block, 0)
	}
	block[0] = byte(len(block) / 4)
	block = binary.LittleEndian.AppendUint32(block, crc32.ChecksumIEEE(block))
	block = append(block, chunks...)
	unpadded := int64(len(block)) + checkSizes[check]
	for len(block)%4 != 0 {
		block = append(block, 0)
	}
	sum := binary.LittleEndian.AppendUint64(nil, crc64.Checksum(content, crc64Table))
	block = append(block, append(sum, make([]byte, 56)...)[:checkSizes[check]]...)

	out := append(appendStreamHeader(nil, check), block...)
	start := len(out)
	out = appendIndex(out, []Block{{Unpadded: unpadded, Uncompressed: size}})
	return appendFooter(out, check, len(out)-start)
}

// hostile streams and what is said about them. Most are well formed up to the
// one thing that is wrong.
func hostile() map[string]struct {
	in   []byte
	want string
} {
	lzma2 := []byte{filterLZMA2, 1, 22} // 8 MiB
	ab := []byte{chunkStoredFirst, 0, 1, 'a', 'b', chunkEnd}
	good := rawStream(CheckCRC64, lzma2, ab, []byte("ab"))
	with := func(b []byte, at int, v ...byte) []byte {
		b = bytes.Clone(b)
		copy(b[at:], v)
		return b
	}
	index := func(blocks ...Block) []byte {
		b := appendStreamHeader(nil, CheckCRC64)
		n := len(b)
		b = appendIndex(b, blocks)
		return appendFooter(b, CheckCRC64, len(b)-n)
	}
	chunks := func(b ...byte) []byte { return rawStream(CheckCRC64, lzma2, append(b, chunkEnd), []byte("ab")) }
	blocks := appendStreamHeader(nil, CheckNone)
	empty := append(appendBlockHeader(nil, settings{dict: minDict}, -1, -1), chunkEnd, 0, 0, 0)
	blocks = append(blocks, bytes.Repeat(empty, maxBlocks+1)...)
	overlong := appendStreamHeader(nil, CheckCRC64)
	overlong = append(overlong, 0, 0x80, 0, 0)
	overlong = binary.LittleEndian.AppendUint32(overlong, crc32.ChecksumIEEE(overlong[headerSize:]))
	overlong = appendFooter(overlong, CheckCRC64, 8)

	return map[string]struct {
		in   []byte
		want string
	}{
		"good":             {good, ""},
		"empty":            {nil, "not an .xz stream"},
		"bzip2":            {[]byte("BZh91AY&SY......."), `it starts with "BZh91A"`},
		"header CRC":       {with(good, 7, 1), "stream header has CRC32"},
		"SHA-256":          {rawStream(CheckSHA256, lzma2, ab, []byte("ab")), "the updater refuses check SHA-256 (its error 39)"},
		"check 2":          {rawStream(2, lzma2, ab, []byte("ab")), "the updater refuses check 2 (its error 39)"},
		"no block":         {good[:headerSize], "ends at offset 12, before its index"},
		"header cut":       {good[:headerSize+4], "header of 12 bytes runs past the end (4)"},
		"block header CRC": {with(good, headerSize+4, 23), "block 0 at offset 12: header has CRC32"},
		"block flags":      {fixHeader(with(good, headerSize+1, 4)), "flags 0x04 are not known"},
		"no lzma2":         {rawStream(CheckCRC64, []byte{0x03, 1, 0}, ab, []byte("ab")), "do not end in lzma2"},
		"lzma2 first":      {rawStream(CheckCRC64, []byte{filterLZMA2, 1, 22, filterX86, 0}, ab, []byte("ab")), "do not end in lzma2"},
		"lzma2 props":      {rawStream(CheckCRC64, []byte{filterLZMA2, 1, 41}, ab, []byte("ab")), "properties 29 are not valid"},
		"x86 props":        {rawStream(CheckCRC64, []byte{filterX86, 1, 0, filterLZMA2, 1, 22}, ab, []byte("ab")), "x86 properties 00 are not valid"},
		"x86 start":        {rawStream(CheckCRC64, []byte{filterX86, 4, 0, 1, 0, 0, filterLZMA2, 1, 22}, ab, []byte("ab")), "start address 256 of block 0"},
		"x86 start 0":      {rawStream(CheckCRC64, []byte{filterX86, 4, 0, 0, 0, 0, filterLZMA2, 1, 22}, ab, []byte("ab")), "start address 0 of block 0"},
		"arm":              {rawStream(CheckCRC64, []byte{filterARM, 0, filterLZMA2, 1, 22}, ab, []byte("ab")), ""},
		"arm start":        {rawStream(CheckCRC64, []byte{filterARM, 4, 0, 1, 0, 0, filterLZMA2, 1, 22}, ab, []byte("ab")), "start address 256 of block 0"},
		"armthumb":         {rawStream(CheckCRC64, []byte{8, 0, filterLZMA2, 1, 22}, ab, []byte("ab")), "the filter armthumb of block 0"},
		"delta":            {rawStream(CheckCRC64, []byte{3, 1, 0, filterLZMA2, 1, 22}, ab, []byte("ab")), "the filter delta of block 0"},
		"96 MiB":           {rawStream(CheckCRC64, []byte{filterLZMA2, 1, 29}, ab, []byte("ab")), "dictionary of 100663296 bytes of block 0"},
		"header padding":   {fixHeader(with(good, headerSize+5, 1)), "header padding 01"},
		"block padding":    {with(good, headerSize+12+6, 1), "block padding 01"},
		"check":            {with(good, headerSize+12+8, 1), "content has CRC64"},
		"content":          {with(good, headerSize+12+3, 'c'), "content has CRC64"},
		"many blocks":      {blocks, "a block beyond the 65536 that are read"},
		"trailing byte":    {append(bytes.Clone(good), 0), "1 bytes follow the stream"},
		"two streams":      {append(bytes.Clone(good), good...), "bytes follow the stream"},
		"index count":      {index(Block{}), "says blocks: 1, want 0"},
		"index overlong":   {overlong, "malformed number"},
		"index unpadded":   {Assemble([]Block{{Data: good[headerSize : headerSize+28], Unpadded: 27, Uncompressed: 2}}), "unpadded size of block 0: 27, want 26"},
		"index size":       {Assemble([]Block{{Data: good[headerSize : headerSize+28], Unpadded: 26, Uncompressed: 3}}), "uncompressed size of block 0: 3, want 2"},
		"index CRC":        {with(good, len(good)-footerSize-1, 0), "index at offset 40: CRC32"},
		"footer CRC":       {with(good, len(good)-footerSize, 0), "footer at offset 48: CRC32"},
		"footer magic":     {with(good, len(good)-1, 'X'), `ends in "YX"`},
		"footer flags":     {append(bytes.Clone(good[:len(good)-footerSize]), appendFooter(nil, CheckCRC32, 8)...), "differ from the header's"},
		"footer size":      {append(bytes.Clone(good[:len(good)-footerSize]), appendFooter(nil, CheckCRC64, 12)...), "says an index of 12 bytes, got 8"},

		"control 3":      {chunks(3, 0, 1, 'a', 'b'), "unknown control byte 0x03"},
		"no dict reset":  {chunks(chunkStored, 0, 1, 'a', 'b'), "before the dictionary was reset"},
		"no dict reset2": {chunks(0x80, 0, 1, 0, 4, 0, 0, 0, 0, 0), "before the dictionary was reset"},
		"no props":       {chunks(chunkStoredFirst, 0, 0, 'a', 0xA0, 0, 0, 0, 4, 0, 0, 0, 0, 0), "before the properties were set"},
		"props 225":      {chunks(0xE0, 0, 1, 0, 4, 225, 0, 0, 0, 0, 0), "properties 0xe1 are not valid"},
		"lc4 lp1":        {chunks(0xE0, 0, 1, 0, 4, 4+9, 0, 0, 0, 0, 0), "properties 0x0d are not valid"},
		"range start":    {chunks(0xE0, 0, 1, 0, 4, 0x5D, 1, 0, 0, 0, 0), "does not start with a zero"},
		"range short":    {chunks(0xE0, 0, 1, 0, 3, 0x5D, 0, 0, 0, 0), "does not start with a zero"},
		"no window":      {chunks(0xE0, 0, 1, 0, 5, 0x5D, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0), "beyond the dictionary"},
		"range left":     {chunks(0xE0, 0, 1, 0, 7, 0x5D, 0, 0, 0, 0, 0, 0, 0, 0), "has bytes left over"},
		"chunk cut":      {rawStream(CheckCRC64, lzma2, []byte{0xE0, 0, 1, 255, 255}, nil), "runs past the end"},
	}
}

// fixHeader makes the CRC of a block header right again.
func fixHeader(b []byte) []byte {
	binary.LittleEndian.PutUint32(b[headerSize+8:], crc32.ChecksumIEEE(b[headerSize:headerSize+8]))
	return b
}

func TestHostile(t *testing.T) {
	for name, c := range hostile() {
		got, err := Decode(c.in, 1<<20)
		if c.want == "" {
			if err != nil || string(got) != "ab" {
				t.Errorf("%s: got %q, %v", name, got, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want %s", name, err, c.want)
		}
	}
}

// Whatever bit of a stream turns over, and wherever it is cut, we notice.
func TestDamage(t *testing.T) {
	text := []byte(strings.Repeat("go to build, all stop. ", 30) + "respin")
	for _, o := range []Options{{}, {BCJ: X86, BlockSize: 300}} {
		good, err := Encode(text, o)
		if err != nil {
			t.Fatal(err)
		}
		for i := range good {
			if _, err := Decode(good[:i], 1<<20); err == nil {
				t.Errorf("%+v: cut at %d, no error", o, i)
			}
			for bit := range 8 {
				good[i] ^= 1 << bit
				if _, err := Decode(good, 1<<20); err == nil {
					t.Errorf("%+v: bit %d of byte %d turned over, no error", o, bit, i)
				}
				good[i] ^= 1 << bit
			}
		}
	}
}

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestBombs(t *testing.T) {
	bomb, err := Encode(make([]byte, 64<<20), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(bomb) > 16<<10 {
		t.Fatalf("64 MiB of zeros take %d bytes", len(bomb))
	}
	n := allocated(func() {
		var limit *LimitError
		if _, err := Decode(bomb, 1<<20); !errors.As(err, &limit) || limit.Size != 64<<20 {
			t.Errorf("got %v, want a LimitError of 64 MiB", err)
		}
	})
	if n > 1<<20 {
		t.Errorf("allocated %d bytes to refuse a bomb", n)
	}
	n = allocated(func() {
		if _, err := Decode(bomb, 64<<20); err != nil {
			t.Error(err)
		}
	})
	if n > 84<<20 { // 64 MiB, what was doubled before, and the model
		t.Errorf("allocated %d bytes to decode 64 MiB", n)
	}

	// 2000 chunks claim 2 MiB each but hold nothing.
	var chunks []byte
	for range 2000 {
		chunks = append(chunks, 0xFF, 0xFF, 0xFF, 0, 4, 0x5D, 0, 0xFF, 0xFF, 0xFF, 0xFF)
	}
	liar := claimingStream(CheckNone, []byte{filterLZMA2, 1, 22}, append(chunks, chunkEnd), nil, 2000<<21)
	n = allocated(func() {
		if _, err := Decode(liar, 1<<40); err == nil || !strings.Contains(err.Error(), "chunk at byte 0 of the output") {
			t.Errorf("got %v, want an error in the first chunk", err)
		}
	})
	if n > 8<<20 {
		t.Errorf("allocated %d bytes for a stream of %d that lies", n, len(liar))
	}
}

func TestInspect(t *testing.T) {
	packed, err := Encode(make([]byte, 100), Options{BCJ: X86, BlockSize: 60})
	if err != nil {
		t.Fatal(err)
	}
	s, err := Inspect(append(bytes.Clone(packed), "more"...))
	if err != nil {
		t.Fatal(err)
	}
	if s.Size != int64(len(packed)) || s.Check != CheckCRC64 || s.Uncompressed != 100 || len(s.Blocks) != 2 {
		t.Errorf("got %+v", s)
	}
	b := s.Blocks[1]
	if b.Uncompressed != 40 || b.Dict != 8<<20 || len(b.Filters) != 2 || FilterName(b.Filters[0]) != "x86" {
		t.Errorf("got block %+v", b)
	}
	if err := s.Supported(); err != nil {
		t.Error(err)
	}
}

// A cache keeps the bytes of blocks; streams are put together of them.
func TestBlocks(t *testing.T) {
	var blocks []Block
	var want []byte
	for _, s := range []string{"chrome ", "locale ", "chrome "} {
		piece := []byte(strings.Repeat(s, 100))
		made, err := EncodeBlock(piece, Options{BCJ: X86})
		if err != nil {
			t.Fatal(err)
		}
		kept, err := ParseBlock(bytes.Clone(made.Data))
		if err != nil || kept.Unpadded != made.Unpadded || kept.Uncompressed != made.Uncompressed {
			t.Fatalf("got %+v, %v back from %+v", kept, err, made)
		}
		blocks = append(blocks, kept)
		want = append(want, piece...)
	}
	packed := Assemble(blocks)
	if got, err := Decode(packed, 1<<20); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("got %q, %v", got, err)
	}
	if got := run(t, packed, "xz", "-dc"); !bytes.Equal(got, want) {
		t.Fatal("xz decodes to other bytes")
	}
	for name, bad := range map[string][]byte{"empty": nil, "index": {0, 1}, "more": append(bytes.Clone(blocks[0].Data), 0)} {
		if _, err := ParseBlock(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
