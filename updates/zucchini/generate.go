package zucchini

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
)

// Options say how to make a patch. The zero value makes the best one.
type Options struct {
	Raw bool // treat executables as any other file
}

// Diff makes a patch that turns old into new. The same input gives the same
// patch. It has been applied to old before it is returned. Neither file may be
// empty: the format cannot say that.
func Diff(old, new []byte, o Options) ([]byte, error) {
	switch {
	case len(old) == 0 || len(new) == 0:
		return nil, errors.New("zucchini cannot patch from or to an empty file: add it whole")
	case len(old) > maxImage || len(new) > maxImage:
		return nil, fmt.Errorf("%d and %d bytes: zucchini patches reach to %d: add it whole", len(old), len(new), maxImage)
	}
	var aware []byte
	if !o.Raw {
		if elements := executableElements(old, new); elements != nil {
			// Our word against the proof: a patch that fails it is not used.
			aware, _ = assemble(elements, old, new)
		}
	}
	if aware != nil && len(new) > smallFile {
		return aware, nil
	}
	raw, err := assemble([]element{rawElement(old, new, 0, 0)}, old, new)
	if err == nil && aware != nil && estimate(aware) <= estimate(raw) {
		return aware, nil
	}
	return raw, err
}

// smallFile is up to where a raw patch is tried beside an executable one: if
// little has changed, the zeros of all the references that are right may weigh
// more than the few that are wrong.
const smallFile = 1 << 20

// estimate is about the size of a patch after compression.
func estimate(patch []byte) int {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression) // fails for unknown levels only
	w.Write(patch)                                     // nor does writing to memory fail
	w.Close()
	return b.Len()
}

// assemble makes the patch of its elements, and applies it before it is
// trusted.
func assemble(elements []element, old, new []byte) ([]byte, error) {
	c := container{
		oldSize: uint32(len(old)), oldCRC: crc32.ChecksumIEEE(old),
		newSize: uint32(len(new)), newCRC: crc32.ChecksumIEEE(new),
		elements: elements,
	}
	patch := c.encode()
	got, err := Apply(old, patch, int64(len(new)))
	if err != nil {
		return nil, fmt.Errorf("patch just made does not apply: %w", err)
	}
	if !bytes.Equal(got, new) {
		return nil, errors.New("patch just made gives another file")
	}
	return patch, nil
}

// executableElements makes the elements for two programs: one for the programs
// themselves and, if new has more behind it (a signature), a raw one for that.
// There are none if the files are not two programs of one type.
func executableElements(old, new []byte) []element {
	kind, oldProgram := detect(old)
	newKind, newProgram := detect(new)
	if kind == Raw || kind != newKind {
		return nil
	}
	end := newProgram.size()
	e, err := executableElement(kind, oldProgram, newProgram, old[:oldProgram.size()], new[:end])
	if err != nil {
		return nil
	}
	elements := []element{e}
	if int(end) < len(new) {
		from := min(int(oldProgram.size()), max(0, len(old)-tailContext))
		elements = append(elements, rawElement(old, new, from, int(end)))
	}
	return elements
}

// tailContext is how much of old is searched, at least, for what lies behind a
// program: a signature resembles the old one or nothing.
const tailContext = 64 << 10

// rawElement makes the rest of new from the rest of old.
func rawElement(old, new []byte, oldAt, newAt int) element {
	old, new = old[oldAt:], new[newAt:]
	e := element{
		kind:  Raw,
		oldAt: uint32(oldAt), oldSize: uint32(len(old)),
		newAt: uint32(newAt), newSize: uint32(len(new)),
	}
	e.describe(old, new, new, blocks(old, new, align(newIndex(len(old)), old, new)))
	return e
}

// describe fills in the equivalences, the extra data and the raw delta. like
// is what copies are corrected to: new, but for bytes that a later pass sets.
func (e *element) describe(old, new, like []byte, equivalences []equivalence) {
	var src, dst, next uint32 // next: the place in the copied bytes behind the last correction
	var base uint32           // … and of the equivalence
	for _, q := range equivalences {
		e.sources = appendSigned(e.sources, int32(q.src-src))
		e.gaps = appendUnsigned(e.gaps, q.dst-dst)
		e.lengths = appendUnsigned(e.lengths, q.length)
		e.extra = append(e.extra, new[dst:q.dst]...)
		o, n := old[q.src:q.srcEnd()], like[q.dst:q.dstEnd()]
		for at := equalRun(o, n); at < len(n); at += 1 + equalRun(o[at+1:], n[at+1:]) {
			e.rawSkips = appendUnsigned(e.rawSkips, base+uint32(at)-next)
			e.rawDiffs = append(e.rawDiffs, n[at]-o[at])
			next = base + uint32(at) + 1
		}
		src, dst = q.srcEnd(), q.dstEnd()
		base += q.length
	}
	e.extra = append(e.extra, new[dst:]...)
	e.equivalenceCount = len(equivalences)
}
