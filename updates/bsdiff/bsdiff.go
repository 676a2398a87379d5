// Package bsdiff makes and applies the binary patches of Mozilla's updater.
//
// A patch of this family tells how to walk through the old file while
// writing the new one. Its control is a list of triples (Add, Insert, Seek):
//
//	new += old[p:p+Add] + the next Add bytes of diff   (byte by byte, mod 256)
//	new += the next Insert bytes of extra
//	p   += Add + Seek
//
// Where two builds differ only in addresses, old and new stay aligned for
// megabytes and diff is almost all zeros; that is what makes the patch small
// once it is compressed. Two containers carry the same three streams:
//
//   - MBDIFF10, which Firefox's updater applies: raw streams, a checksum of
//     the old file, 32-bit numbers. The .xz around it compresses it.
//   - BSDIFF40, the classic one: each stream in bzip2, no checksum at all.
//
// [Diff] chooses the triples. It has nothing in common with the suffix
// sorting of the original but the format; see its own comment.
package bsdiff

import (
	"errors"
	"fmt"
	"math"
)

// What a caller may have to tell apart. The updater answers these with its
// errors 2, 4 and 6; the last two are ours alone.
var (
	ErrOldSize = errors.New("patch was made from an old file of another size")
	ErrOldCRC  = errors.New("patch was made from another old file")
	ErrCorrupt = errors.New("corrupt patch")
	ErrLimit   = errors.New("new file would exceed the limit")
	// ErrTooLarge means that the format's 32-bit fields cannot describe the
	// pair: ship the new file whole.
	ErrTooLarge = errors.New("too large for a patch")
)

// maxFile is the largest file the format can speak of: mbsdiff and the
// updater hold sizes and positions in an int32.
const maxFile = math.MaxInt32

// Triple is one step of the walk, in the words of the package comment.
type Triple struct {
	Add, Insert, Seek int32
}

// Patch turns Old into New. It keeps both files by reference and computes
// the diff and extra streams only when it is written, so that a patch in
// memory costs next to nothing: neither may change while it is in use.
type Patch struct {
	Control  []Triple
	Old, New []byte
}

// lengths returns the sizes of the diff and the extra stream.
func (p *Patch) lengths() (diff, extra int) {
	for _, t := range p.Control {
		diff += int(t.Add)
		extra += int(t.Insert)
	}
	return diff, extra
}

// stretches calls added with each stretch that a triple adds and inserted with each
// that it inserts, in order.
func (p *Patch) stretches(added func(old, new []byte), inserted func(new []byte)) {
	var oldPos, newPos int
	for _, t := range p.Control {
		n := int(t.Add)
		added(p.Old[oldPos:oldPos+n], p.New[newPos:newPos+n])
		newPos += n
		oldPos += n + int(t.Seek)
		inserted(p.New[newPos : newPos+int(t.Insert)])
		newPos += int(t.Insert)
	}
}

func checkSizes(old, new int) error {
	for _, f := range []struct {
		name string
		size int
	}{{"old", old}, {"new", new}} {
		if f.size > maxFile {
			return fmt.Errorf("%s file has %d bytes, a patch can speak of %d; ship it whole: %w", f.name, f.size, maxFile, ErrTooLarge)
		}
	}
	return nil
}
