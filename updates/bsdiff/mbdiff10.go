package bsdiff

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// MBDIFF10: a header of 32 bytes, then control, diff and extra, all of it
// big-endian and uncompressed. From Firefox's bspatch.h and archivereader:
//
//	 0  8  "MBDIFF10"
//	 8  4  size of old
//	12  4  CRC-32/BZIP2 of old
//	16  4  size of new
//	20  4  bytes of control, 12 a triple
//	24  4  bytes of diff
//	28  4  bytes of extra
const (
	mbdiffMagic  = "MBDIFF10"
	mbdiffHeader = 32
	mbdiffTriple = 12
)

// MBDIFF10 returns the patch as Firefox's updater reads it.
func (p *Patch) MBDIFF10() []byte {
	diff, extra := p.lengths()
	out := bytes.NewBuffer(make([]byte, 0, mbdiffHeader+len(p.Control)*mbdiffTriple+diff+extra))
	if err := p.WriteMBDIFF10(out); err != nil {
		panic(err) // a buffer takes everything
	}
	return out.Bytes()
}

// diffBlock is how much of diff is computed at a time.
const diffBlock = 64 << 10

// WriteMBDIFF10 writes what MBDIFF10 returns, which has the size of new,
// without ever having it in memory.
func (p *Patch) WriteMBDIFF10(w io.Writer) error {
	b := bufio.NewWriterSize(w, diffBlock)
	diff, extra := p.lengths()
	be := binary.BigEndian
	var head []byte
	head = append(head, mbdiffMagic...)
	for _, v := range []uint32{
		uint32(len(p.Old)), oldCRC(p.Old), uint32(len(p.New)),
		uint32(len(p.Control) * mbdiffTriple), uint32(diff), uint32(extra),
	} {
		head = be.AppendUint32(head, v)
	}
	b.Write(head)
	for _, t := range p.Control {
		triple := be.AppendUint32(head[:0], uint32(t.Add))
		triple = be.AppendUint32(triple, uint32(t.Insert))
		b.Write(be.AppendUint32(triple, uint32(t.Seek)))
	}
	block := make([]byte, diffBlock)
	p.stretches(func(old, new []byte) {
		for len(new) > 0 {
			n := min(len(new), diffBlock)
			subtract(block[:n], new[:n], old[:n])
			b.Write(block[:n])
			old, new = old[n:], new[n:]
		}
	}, func([]byte) {})
	p.stretches(func(old, new []byte) {}, func(new []byte) { b.Write(new) })
	return b.Flush() // tells of any error before, too
}

// mbdiff is a parsed MBDIFF10: every number in it has been checked against
// the others, so that applying it to a file of the right size cannot fail.
type mbdiff struct {
	Header
	control, diff, extra []byte
}

// triple returns the step at b. Add and Insert are unsigned in the file.
func (m *mbdiff) triple(i int) (add, insert, seek int64) {
	b := m.control[i*mbdiffTriple:]
	be := binary.BigEndian
	return int64(be.Uint32(b)), int64(be.Uint32(b[4:])), int64(int32(be.Uint32(b[8:])))
}

func (m *mbdiff) triples() int { return len(m.control) / mbdiffTriple }

func parseMBDIFF10(patch []byte) (*mbdiff, error) {
	h, err := parseMBDIFF10Header(patch)
	if err != nil {
		return nil, err
	}
	if want := mbdiffHeader + h.Control + h.Diff + h.Extra; int64(len(patch)) != want {
		return nil, corruptMBDIFF10("header: lengths add up to %d bytes, patch has %d", want, len(patch))
	}
	m := &mbdiff{Header: h}
	m.control = patch[mbdiffHeader:][:m.Control]
	m.diff = patch[mbdiffHeader+m.Control:][:m.Diff]
	m.extra = patch[mbdiffHeader+m.Control+m.Diff:]
	if err := m.check(); err != nil {
		return nil, err
	}
	return m, nil
}

// check holds header and control against each other.
func (m *mbdiff) check() error {
	// The updater would leave a new file that is too long zero-padded and
	// call it a success.
	if m.Diff+m.Extra != m.NewSize {
		return corruptMBDIFF10("header: diff %d + extra %d bytes, want the new size %d", m.Diff, m.Extra, m.NewSize)
	}
	w := walk{oldSize: m.OldSize, diffLeft: m.Diff, extraLeft: m.Extra}
	for i := range m.triples() {
		if err := w.step(m.triple(i)); err != nil {
			return corruptMBDIFF10("triple %d: %v", i, err)
		}
	}
	if w.diffLeft != 0 || w.extraLeft != 0 {
		return corruptMBDIFF10("control leaves %d bytes of diff and %d of extra", w.diffLeft, w.extraLeft)
	}
	return nil
}

// parseMBDIFF10Header reads the header that patch begins with.
func parseMBDIFF10Header(patch []byte) (Header, error) {
	if len(patch) < mbdiffHeader {
		return Header{}, corruptMBDIFF10("header: got %d bytes, want %d", len(patch), mbdiffHeader)
	}
	field := func(at int) int64 { return int64(binary.BigEndian.Uint32(patch[at:])) }
	h := Header{
		Format: MBDIFF10, OldSize: field(8), OldCRC: uint32(field(12)), NewSize: field(16),
		Control: field(20), Diff: field(24), Extra: field(28),
	}
	if h.OldSize > maxFile || h.NewSize > maxFile {
		return Header{}, corruptMBDIFF10("header: old size %d, new size %d, want at most %d", h.OldSize, h.NewSize, maxFile)
	}
	if h.Control%mbdiffTriple != 0 {
		return Header{}, corruptMBDIFF10("header: %d bytes of control, want a multiple of %d", h.Control, mbdiffTriple)
	}
	return h, nil
}

// fits tells whether the patch was made from old.
func (h Header) fits(old []byte) error {
	if int64(len(old)) != h.OldSize {
		return fmt.Errorf("%w: got %d bytes, patch wants %d", ErrOldSize, len(old), h.OldSize)
	}
	if crc := oldCRC(old); crc != h.OldCRC {
		return fmt.Errorf("%w: got CRC %08x, patch wants %08x", ErrOldCRC, crc, h.OldCRC)
	}
	return nil
}

func corruptMBDIFF10(format string, a ...any) error {
	return fmt.Errorf("%w: MBDIFF10 %s", ErrCorrupt, fmt.Sprintf(format, a...))
}

// apply writes the new file; old has the size and checksum of the header.
func (m *mbdiff) apply(old []byte) []byte {
	out := make([]byte, m.NewSize)
	var newPos, oldPos int64
	diff, extra := m.diff, m.extra
	for i := range m.triples() {
		x, y, z := m.triple(i)
		add(out[newPos:newPos+x], old[oldPos:oldPos+x], diff[:x])
		diff = diff[x:]
		newPos += x
		copy(out[newPos:newPos+y], extra[:y])
		extra = extra[y:]
		newPos += y
		oldPos += x + z
	}
	return out
}
