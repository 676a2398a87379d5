package bsdiff

import (
	"bytes"
	"compress/bzip2"
	"encoding/binary"
	"fmt"
	"io"

	bzip2w "github.com/dsnet/compress/bzip2"
)

// BSDIFF40, from the manual and source of bsdiff 4.3: a header of 32 bytes,
// then control, diff and extra, each one bzip2 stream.
//
//	 0  8  "BSDIFF40"
//	 8  8  bytes of compressed control
//	16  8  bytes of compressed diff
//	24  8  size of new
//
// Numbers have 8 bytes, little-endian, with the sign in the top bit; a triple
// is three of them.
const (
	bsdiffMagic  = "BSDIFF40"
	bsdiffHeader = 32
	bsdiffTriple = 24
)

// BSDIFF40 returns the patch as the program bspatch reads it.
func (p *Patch) BSDIFF40() ([]byte, error) {
	nd, ne := p.lengths()
	diff, extra := make([]byte, nd), make([]byte, 0, ne)
	at := 0
	p.stretches(func(old, new []byte) {
		subtract(diff[at:at+len(new)], new, old)
		at += len(new)
	}, func(new []byte) { extra = append(extra, new...) })
	return classic(p.Control, diff, extra, len(p.New))
}

func classic(triples []Triple, diff, extra []byte, newSize int) ([]byte, error) {
	control := make([]byte, len(triples)*bsdiffTriple)
	for i, t := range triples {
		b := control[i*bsdiffTriple:]
		putOfft(b, int64(t.Add))
		putOfft(b[8:], int64(t.Insert))
		putOfft(b[16:], int64(t.Seek))
	}
	var out bytes.Buffer
	out.Write(make([]byte, bsdiffHeader))
	var ends [3]int64
	for i, stream := range [][]byte{control, diff, extra} {
		w, err := bzip2w.NewWriter(&out, &bzip2w.WriterConfig{Level: bzip2w.BestCompression})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(stream); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		ends[i] = int64(out.Len())
	}
	b := out.Bytes()
	copy(b, bsdiffMagic)
	putOfft(b[8:], ends[0]-bsdiffHeader)
	putOfft(b[16:], ends[1]-ends[0])
	putOfft(b[24:], int64(newSize))
	return b, nil
}

func putOfft(b []byte, v int64) {
	u := uint64(v)
	if v < 0 {
		u = uint64(-v) | 1<<63
	}
	binary.LittleEndian.PutUint64(b, u)
}

func offt(b []byte) int64 {
	u := binary.LittleEndian.Uint64(b)
	v := int64(u &^ (1 << 63))
	if u>>63 != 0 {
		return -v
	}
	return v
}

func parseBSDIFF40(patch []byte) (Header, error) {
	if len(patch) < bsdiffHeader {
		return Header{}, fmt.Errorf("%w: BSDIFF40 header: got %d bytes, want %d", ErrCorrupt, len(patch), bsdiffHeader)
	}
	h := Header{
		Format: BSDIFF40, OldSize: -1, NewSize: offt(patch[24:]),
		Control: offt(patch[8:]), Diff: offt(patch[16:]),
	}
	body := int64(len(patch) - bsdiffHeader)
	if h.Control < 0 || h.Diff < 0 || h.Control > body || h.Diff > body-h.Control {
		return Header{}, fmt.Errorf("%w: BSDIFF40 header: control %d and diff %d bytes, patch has %d after its header", ErrCorrupt, h.Control, h.Diff, body)
	}
	if h.NewSize < 0 {
		return Header{}, fmt.Errorf("%w: BSDIFF40 header: new size %d", ErrCorrupt, h.NewSize)
	}
	h.Extra = body - h.Control - h.Diff
	return h, nil
}

// growBy is how much of the new file is allocated ahead of what has been
// decoded: a header that lies about its size must bring the bytes to match.
const growBy = 1 << 20

func applyBSDIFF40(old, patch []byte, limit int64) ([]byte, error) {
	h, err := parseBSDIFF40(patch)
	if err != nil {
		return nil, err
	}
	if h.NewSize > limit {
		return nil, fmt.Errorf("%w: patch makes %d bytes, limit is %d", ErrLimit, h.NewSize, limit)
	}
	body := patch[bsdiffHeader:]
	control := bzip2.NewReader(bytes.NewReader(body[:h.Control]))
	diff := bzip2.NewReader(bytes.NewReader(body[h.Control:][:h.Diff]))
	extra := bzip2.NewReader(bytes.NewReader(body[h.Control+h.Diff:]))

	corrupt := func(i int, format string, a ...any) ([]byte, error) {
		return nil, fmt.Errorf("%w: BSDIFF40 triple %d: %s", ErrCorrupt, i, fmt.Sprintf(format, a...))
	}
	out := make([]byte, 0, min(h.NewSize, growBy))
	w := walk{oldSize: int64(len(old))}
	var triple [bsdiffTriple]byte
	for i := 0; int64(len(out)) < h.NewSize; i++ {
		if _, err := io.ReadFull(control, triple[:]); err != nil {
			return corrupt(i, "control: %v", err)
		}
		x, y, z := offt(triple[:]), offt(triple[8:]), offt(triple[16:])
		at, left := w.oldPos, h.NewSize-int64(len(out))
		w.diffLeft, w.extraLeft = left, left-min(max(x, 0), left)
		if err := w.step(x, y, z); err != nil {
			return corrupt(i, "%v", err)
		}
		from := len(out)
		if out, err = appendFrom(out, diff, x); err != nil {
			return corrupt(i, "diff: %v", err)
		}
		add(out[from:], out[from:], old[at:at+x])
		if out, err = appendFrom(out, extra, y); err != nil {
			return corrupt(i, "extra: %v", err)
		}
	}
	return out, nil
}

// appendFrom appends exactly n bytes of r to b, a bounded step at a time.
func appendFrom(b []byte, r io.Reader, n int64) ([]byte, error) {
	for n > 0 {
		step := int(min(n, growBy))
		from := len(b)
		b = append(b, make([]byte, step)...)
		if _, err := io.ReadFull(r, b[from:]); err != nil {
			return nil, err
		}
		n -= int64(step)
	}
	return b, nil
}
