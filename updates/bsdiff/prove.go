package bsdiff

import (
	"bytes"
	"fmt"
	"io"
)

// Prove reads an MBDIFF10 to its end and returns nil if it turns old into
// new. It believes nothing but the bytes, as an applier does, yet holds no
// more of them than the control: old and new are in memory anyway where a
// patch is made.
func Prove(patch io.Reader, old, new []byte) error {
	head := make([]byte, mbdiffHeader)
	if _, err := io.ReadFull(patch, head); err != nil {
		return corruptMBDIFF10("header: %v", err)
	}
	if magic(head) != MBDIFF10 {
		return unknown(head)
	}
	h, err := parseMBDIFF10Header(head)
	if err != nil {
		return err
	}
	if err := h.fits(old); err != nil {
		return err
	}
	if h.NewSize != int64(len(new)) {
		return fmt.Errorf("patch makes %d bytes, want %d", h.NewSize, len(new))
	}
	m := &mbdiff{Header: h}
	if m.control, err = io.ReadAll(io.LimitReader(patch, h.Control)); err != nil {
		return err
	}
	if int64(len(m.control)) != h.Control {
		return corruptMBDIFF10("control: got %d bytes, want %d", len(m.control), h.Control)
	}
	if err := m.check(); err != nil {
		return err
	}
	// Diff comes before extra, so that new is gone through twice.
	block := make([]byte, diffBlock)
	var newPos, oldPos int64
	for i := range m.triples() {
		x, y, z := m.triple(i)
		if err := proveStretch(patch, block, old[oldPos:oldPos+x], new[newPos:newPos+x], newPos); err != nil {
			return err
		}
		newPos += x + y
		oldPos += x + z
	}
	newPos = 0
	for i := range m.triples() {
		x, y, _ := m.triple(i)
		newPos += x
		if err := proveStretch(patch, block, nil, new[newPos:newPos+y], newPos); err != nil {
			return err
		}
		newPos += y
	}
	if n, err := io.ReadFull(patch, block[:1]); n != 0 || err != io.EOF {
		return corruptMBDIFF10("there is more behind the extra bytes (%v)", err)
	}
	return nil
}

// proveStretch reads len(new) bytes of patch and returns nil if they, added to
// old unless that is nil, are new, which stands at pos of its file.
func proveStretch(patch io.Reader, block, old, new []byte, pos int64) error {
	for len(new) > 0 {
		b := block[:min(len(block), len(new))]
		if _, err := io.ReadFull(patch, b); err != nil {
			return corruptMBDIFF10("bytes for %#x of new: %v", pos, err)
		}
		if old != nil {
			add(b, b, old[:len(b)])
			old = old[len(b):]
		}
		if !bytes.Equal(b, new[:len(b)]) {
			return fmt.Errorf("patch makes another file: first difference at %#x", pos+int64(equalRun(b, new)))
		}
		new = new[len(b):]
		pos += int64(len(b))
	}
	return nil
}
