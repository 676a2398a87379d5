package bsdiff

import (
	"bytes"
	"fmt"

	"github.com/gabstv/go-bsdiff/pkg/bspatch"
)

// CrossCheck asks for a second opinion on a BSDIFF40 patch that we made:
// go-bsdiff's applier, which shares no line with ours, must restore new from
// old. It is for our own patches only; on hostile ones it may panic or
// allocate whatever their header says.
func CrossCheck(old, new, bsdiff40 []byte) error {
	got, err := bspatch.Bytes(old, bsdiff40)
	if err != nil {
		return fmt.Errorf("go-bsdiff refuses the patch: %w", err)
	}
	if !bytes.Equal(got, new) {
		at := 0
		for at < min(len(got), len(new)) && got[at] == new[at] {
			at++
		}
		return fmt.Errorf("go-bsdiff makes another file of the patch: %d bytes, want %d, first difference at %#x", len(got), len(new), at)
	}
	return nil
}
