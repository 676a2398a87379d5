package zucchini

import (
	"bytes"
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
	c := container{
		oldSize: uint32(len(old)), oldCRC: crc32.ChecksumIEEE(old),
		newSize: uint32(len(new)), newCRC: crc32.ChecksumIEEE(new),
	}
	if !o.Raw {
		if elements, ok := executableElements(old, new); ok {
			c.elements = elements
			return proven(&c, old, new)
		}
	}
	c.elements = []element{rawElement(old, new, 0)}
	return proven(&c, old, new)
}

// executableElements makes the elements for two programs: one for the programs
// themselves and, if new has more behind it (a signature), a raw one for that.
func executableElements(old, new []byte) ([]element, bool) {
	kind, oldProgram := detect(old)
	newKind, newProgram := detect(new)
	if kind == Raw || kind != newKind {
		return nil, false
	}
	end := newProgram.size()
	e, err := executableElement(kind, oldProgram, newProgram, old[:oldProgram.size()], new[:end])
	if err != nil {
		return nil, false
	}
	elements := []element{e}
	if rest := new[end:]; len(rest) > 0 {
		elements = append(elements, rawElement(old, rest, int(end)))
	}
	return elements, true
}

// proven applies a patch before it is trusted.
func proven(c *container, old, new []byte) ([]byte, error) {
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

// rawElement makes new, which lies at newAt of the whole, from all of old.
func rawElement(old, new []byte, newAt int) element {
	e := element{kind: Raw, oldSize: uint32(len(old)), newAt: uint32(newAt), newSize: uint32(len(new))}
	e.describe(old, new, new, blocks(old, new, align(old, new)))
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
