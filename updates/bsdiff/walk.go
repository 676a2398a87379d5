package bsdiff

import "fmt"

// walk checks triples one after the other against the old file's size and
// what is left of diff and extra. Its numbers are 64 bits wide and each is
// bounded before it is added to, so nothing overflows.
type walk struct {
	oldSize, oldPos     int64
	diffLeft, extraLeft int64
}

func (w *walk) step(add, insert, seek int64) error {
	if add < 0 || insert < 0 {
		return fmt.Errorf("negative length: add %d, insert %d", add, insert)
	}
	if add > w.diffLeft {
		return fmt.Errorf("adds %d bytes, diff has %d left", add, w.diffLeft)
	}
	if add > w.oldSize-w.oldPos {
		return fmt.Errorf("adds %d bytes at %d of old, which has %d", add, w.oldPos, w.oldSize)
	}
	if insert > w.extraLeft {
		return fmt.Errorf("inserts %d bytes, extra has %d left", insert, w.extraLeft)
	}
	w.diffLeft -= add
	w.extraLeft -= insert
	w.oldPos += add
	if seek < -w.oldPos || seek > w.oldSize-w.oldPos {
		return fmt.Errorf("seeks by %d from %d, outside old (%d bytes)", seek, w.oldPos, w.oldSize)
	}
	w.oldPos += seek
	return nil
}
