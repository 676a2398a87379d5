package xz

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// What Decode says of a stream, a Reader says too, though it sees one part at a
// time.
func TestReaderRefusesWhatDecodeRefuses(t *testing.T) {
	for name, c := range hostile() {
		got, err := io.ReadAll(NewReader(iotest.OneByteReader(bytes.NewReader(c.in)), 1<<20))
		if c.want == "" {
			if err != nil || string(got) != "ab" {
				t.Errorf("%s: got %q, %v", name, got, err)
			}
			continue
		}
		want := strings.TrimPrefix(c.want, "1 ") // it does not count what follows
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %s", name, err, want)
		}
		_, decodeErr := Decode(c.in, 1<<20)
		if err != nil && strings.HasPrefix(err.Error(), "xz: ") != strings.HasPrefix(decodeErr.Error(), "xz: ") {
			t.Errorf("%s: %v, but Decode says %v", name, err, decodeErr)
		}
	}
	ill := errors.New("disk on fire")
	good := hostile()["good"].in
	for n := range good {
		if _, err := io.ReadAll(NewReader(io.MultiReader(bytes.NewReader(good[:n]), iotest.ErrReader(ill)), 1<<20)); !errors.Is(err, ill) {
			t.Errorf("an error behind %d bytes: got %v, want %v", n, err, ill)
		}
	}
}

// The dictionary slides, filters see their bytes in pieces, blocks begin anew: the
// bytes are Decode's, in reads of whatever size.
func TestReaderGivesWhatDecodeGives(t *testing.T) {
	all := samples()
	long := bytes.Join([][]byte{all["code"], all["zeros"], all["text"], all["sparse"], goSources(t, 1<<20), all["code"]}, nil)
	rnd := uint32(1)
	for range 1 << 19 { // calls and jumps close to each other, near the ends of chunks too
		rnd = rnd*1664525 + 1013904223
		long = append(long, []byte{0xE8, 0xE9, 0x00, 0xFF, byte(rnd >> 24)}[rnd>>16%5])
	}
	for name, o := range map[string]Options{
		"plain":            {Nice: 4},
		"small dictionary": {Nice: 4, DictSize: minDict},
		"x86":              {Nice: 4, DictSize: 1 << 16, BCJ: X86},
		"blocks":           {Nice: 4, BCJ: X86, BlockSize: 700_001},
	} {
		packed, err := Encode(long, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{1 << 20, 4097} {
			var got bytes.Buffer
			_, err = io.CopyBuffer(struct{ io.Writer }{&got}, NewReader(bytes.NewReader(packed), int64(len(long))), make([]byte, size))
			if err != nil || !bytes.Equal(got.Bytes(), long) {
				t.Errorf("%s: %v, %d bytes of %d", name, err, got.Len(), len(long))
			}
		}
		var limit *LimitError
		if _, err := io.Copy(io.Discard, NewReader(bytes.NewReader(packed), int64(len(long))-1)); !errors.As(err, &limit) {
			t.Errorf("%s: a byte beyond the limit: %v", name, err)
		}
	}
	delete(all, "zeros") // long for a test that reads byte by byte
	for name, want := range all {
		for on, o := range someOptions {
			packed, err := Encode(want, o)
			if err != nil {
				t.Fatal(err)
			}
			if err := iotest.TestReader(NewReader(bytes.NewReader(packed), int64(len(want))), want); err != nil {
				t.Errorf("%s/%s: %v", name, on, err)
			}
		}
	}
}

func TestUnfilterInPieces(t *testing.T) {
	code := samples()["code"]
	for _, id := range []uint64{filterX86, filterARM} {
		whole := bytes.Clone(code)
		f := newUnfilter(BlockInfo{Filters: []uint64{id, filterLZMA2}})
		f.run(whole)
		for piece := 1; piece < 40; piece += 3 {
			f := newUnfilter(BlockInfo{Filters: []uint64{id, filterLZMA2}})
			var got, left []byte
			for part := range slices.Chunk(code, piece) {
				left = append(left, part...)
				n := f.run(left)
				got, left = append(got, left[:n]...), left[n:]
			}
			if got = append(got, left...); !bytes.Equal(got, whole) {
				t.Errorf("filter %s in pieces of %d gives other bytes", FilterName(id), piece)
			}
		}
	}
}

// Memory is the dictionary's, not the stream's.
func TestReaderKeepsAWindow(t *testing.T) {
	bomb, err := Encode(make([]byte, 64<<20), Options{DictSize: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	n := allocated(func() {
		if n, err := io.Copy(io.Discard, NewReader(bytes.NewReader(bomb), 64<<20)); n != 64<<20 || err != nil {
			t.Errorf("%d bytes, %v", n, err)
		}
	})
	if n > 8<<20 {
		t.Errorf("allocated %d bytes for a dictionary of 1 MiB", n)
	}
	n = allocated(func() {
		var limit *LimitError
		if n, err := io.Copy(io.Discard, NewReader(bytes.NewReader(bomb), 3<<20)); n > 3<<20 || !errors.As(err, &limit) {
			t.Errorf("%d bytes, %v, want a LimitError", n, err)
		}
	})
	if n > 8<<20 {
		t.Errorf("allocated %d bytes to refuse a bomb", n)
	}
}
