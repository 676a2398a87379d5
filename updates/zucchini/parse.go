package zucchini

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

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
