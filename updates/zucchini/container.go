package zucchini

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// The container, little-endian throughout: a header, then the elements.
const (
	Magic          = "Zucc" // begins a patch
	majorVersion   = 2      // the updater refuses every other
	elementVersion = 1      // of all element types
	headerSize     = 24
	elementHeader  = 22
	noPool         = 0xff // a tag that no pool may have
)

// A Type names the kind of an element: which disassembler corrects it.
type Type string

// The types that the updater knows. It was built without DEX and ZTF.
const (
	Raw        Type = "NoOp"
	PE386      Type = "Px86"
	PEAMD64    Type = "Px64"
	ELF386     Type = "Ex86"
	ELFAMD64   Type = "Ex64"
	ELFAArch32 Type = "EA32"
	ELFAArch64 Type = "EA64"
)

func (t Type) known() bool {
	switch t {
	case Raw, PE386, PEAMD64, ELF386, ELFAMD64, ELFAArch32, ELFAArch64:
		return true
	}
	return false
}

// A container is a parsed patch. Its buffers are parts of the patch.
type container struct {
	oldSize, oldCRC uint32
	newSize, newCRC uint32
	elements        []element
}

// An element makes new[newAt:newAt+newSize] from old[oldAt:oldAt+oldSize].
type element struct {
	kind             Type
	oldAt, oldSize   uint32
	newAt, newSize   uint32
	sources          []byte // equivalences: how far each source lies from the end of the one before
	gaps             []byte // … and each destination
	lengths          []byte // … and how long each is
	extra            []byte
	rawSkips         []byte
	rawDiffs         []byte
	referenceDeltas  []byte
	pools            []pool
	equivalenceCount int
}

// A pool holds the targets that one class of references needs beyond those
// that old's references bring along.
type pool struct {
	tag     uint8
	targets []byte
}

// A reader takes the container apart; the first failure sticks.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) take(n uint32, what string) []byte {
	if r.err != nil {
		return nil
	}
	if uint64(n) > uint64(len(r.rest)) {
		r.err = fmt.Errorf("%s: %d bytes wanted, %d left", what, n, len(r.rest))
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) number(what string) uint32 {
	if b := r.take(4, what); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) buffer(what string) []byte { return r.take(r.number(what), what) }

// parse reads a patch as strictly as the updater does: the elements cover new
// without gap or overlap, stay inside old, and use every byte of the patch.
func parse(patch []byte) (*container, error) {
	r := &reader{rest: patch}
	head := r.take(headerSize, "header")
	if r.err != nil {
		return nil, r.err
	}
	if string(head[:4]) != Magic {
		return nil, fmt.Errorf("not a zucchini patch: begins with %q, want %q", head[:4], Magic)
	}
	if major := binary.LittleEndian.Uint16(head[4:]); major != majorVersion {
		return nil, fmt.Errorf("major version %d, want %d", major, majorVersion)
	}
	c := &container{
		oldSize: binary.LittleEndian.Uint32(head[8:]),
		oldCRC:  binary.LittleEndian.Uint32(head[12:]),
		newSize: binary.LittleEndian.Uint32(head[16:]),
		newCRC:  binary.LittleEndian.Uint32(head[20:]),
	}
	count := r.number("element count")
	var at uint64
	for i := uint32(0); i < count && r.err == nil; i++ {
		e, err := parseElement(r)
		if err == nil {
			err = e.check(c, at)
		}
		if err != nil {
			return nil, fmt.Errorf("element %d of %d: %w", i, count, err)
		}
		at += uint64(e.newSize)
		c.elements = append(c.elements, e)
	}
	switch {
	case r.err != nil:
		return nil, r.err
	case at != uint64(c.newSize):
		return nil, fmt.Errorf("elements make %d bytes of new, header says %d", at, c.newSize)
	case len(r.rest) != 0:
		return nil, fmt.Errorf("%d bytes after the last element", len(r.rest))
	}
	return c, nil
}

func parseElement(r *reader) (element, error) {
	head := r.take(elementHeader, "element header")
	if r.err != nil {
		return element{}, r.err
	}
	e := element{
		oldAt:   binary.LittleEndian.Uint32(head),
		oldSize: binary.LittleEndian.Uint32(head[4:]),
		newAt:   binary.LittleEndian.Uint32(head[8:]),
		newSize: binary.LittleEndian.Uint32(head[12:]),
		kind:    Type(head[16:20]),
	}
	if !e.kind.known() {
		return element{}, fmt.Errorf("type %q is not known", string(e.kind))
	}
	if v := binary.LittleEndian.Uint16(head[20:]); v != elementVersion {
		return element{}, fmt.Errorf("type %q has version %d, want %d", e.kind, v, elementVersion)
	}
	e.sources = r.buffer("sources")
	e.gaps = r.buffer("gaps")
	e.lengths = r.buffer("lengths")
	e.extra = r.buffer("extra data")
	e.rawSkips = r.buffer("raw delta skips")
	e.rawDiffs = r.buffer("raw delta values")
	e.referenceDeltas = r.buffer("reference deltas")
	for i := r.number("pool count"); i > 0 && r.err == nil; i-- {
		tag := r.take(1, "pool tag")
		targets := r.buffer("pool")
		if r.err != nil {
			break
		}
		same := func(p pool) bool { return p.tag == tag[0] }
		if tag[0] == noPool || slices.ContainsFunc(e.pools, same) {
			return element{}, fmt.Errorf("pool tag %d is not allowed here", tag[0])
		}
		e.pools = append(e.pools, pool{tag[0], targets})
	}
	return e, r.err
}

// check holds an element against the header; at is where it must begin in new.
func (e *element) check(c *container, at uint64) error {
	switch {
	case e.oldSize == 0 || e.newSize == 0:
		return errors.New("empty")
	case uint64(e.oldAt)+uint64(e.oldSize) > uint64(c.oldSize):
		return fmt.Errorf("%#x bytes of old at %#x run past its end (%#x)", e.oldSize, e.oldAt, c.oldSize)
	case uint64(e.newAt) != at:
		return fmt.Errorf("begins at %#x of new, want %#x", e.newAt, at)
	case uint64(e.newAt)+uint64(e.newSize) > uint64(c.newSize):
		return fmt.Errorf("%#x bytes of new at %#x run past its end (%#x)", e.newSize, e.newAt, c.newSize)
	}
	n, err := e.checkEquivalences()
	e.equivalenceCount = n
	return err
}

// encode is the inverse of parse.
func (c *container) encode() []byte {
	b := append([]byte(nil), Magic...)
	b = binary.LittleEndian.AppendUint16(b, majorVersion)
	b = binary.LittleEndian.AppendUint16(b, 0) // minor: nobody looks
	for _, v := range []uint32{c.oldSize, c.oldCRC, c.newSize, c.newCRC, uint32(len(c.elements))} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	for i := range c.elements {
		b = c.elements[i].append(b)
	}
	return b
}

func (e *element) append(b []byte) []byte {
	for _, v := range []uint32{e.oldAt, e.oldSize, e.newAt, e.newSize} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	b = append(b, e.kind...)
	b = binary.LittleEndian.AppendUint16(b, elementVersion)
	for _, buffer := range [][]byte{
		e.sources, e.gaps, e.lengths, e.extra, e.rawSkips, e.rawDiffs, e.referenceDeltas,
	} {
		b = appendBuffer(b, buffer)
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(e.pools)))
	for _, p := range e.pools {
		b = appendBuffer(append(b, p.tag), p.targets)
	}
	return b
}

func appendBuffer(b, buffer []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(buffer)))
	return append(b, buffer...)
}
