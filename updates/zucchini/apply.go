package zucchini

import (
	"errors"
	"fmt"
	"hash/crc32"
)

// An equivalence says that new[dst:dst+length] is made from old[src:src+length].
type equivalence struct{ src, dst, length uint32 }

func (e equivalence) srcEnd() uint32 { return e.src + e.length }
func (e equivalence) dstEnd() uint32 { return e.dst + e.length }

// eachEquivalence calls visit for the equivalences in order, each inside the
// element's old and new, none before the end of the one before it in new.
func (e *element) eachEquivalence(visit func(equivalence) error) error {
	sources, gaps, lengths := stream(e.sources), stream(e.gaps), stream(e.lengths)
	var src int64
	var dst uint64
	for i := 0; len(sources)+len(gaps)+len(lengths) > 0; i++ {
		length, err := lengths.unsigned()
		if err != nil {
			return fmt.Errorf("equivalence %d: length: %w", i, err)
		}
		skip, err := sources.signed()
		if err != nil {
			return fmt.Errorf("equivalence %d: source: %w", i, err)
		}
		gap, err := gaps.unsigned()
		if err != nil {
			return fmt.Errorf("equivalence %d: gap: %w", i, err)
		}
		src += int64(skip)
		dst += uint64(gap)
		// The updater refuses an equivalence that begins at the very end, even an empty one.
		if src < 0 || src >= int64(e.oldSize) || src+int64(length) > int64(e.oldSize) {
			return fmt.Errorf("equivalence %d: %#x bytes at %#x are outside old (%#x)", i, length, src, e.oldSize)
		}
		if dst >= uint64(e.newSize) || dst+uint64(length) > uint64(e.newSize) {
			return fmt.Errorf("equivalence %d: %#x bytes at %#x are outside new (%#x)", i, length, dst, e.newSize)
		}
		if err := visit(equivalence{uint32(src), uint32(dst), length}); err != nil {
			return err
		}
		src += int64(length)
		dst += uint64(length)
	}
	return nil
}

// checkEquivalences counts the equivalences and proves that they and the extra
// data together make exactly the element's part of new.
func (e *element) checkEquivalences() (n int, err error) {
	var copied uint64
	err = e.eachEquivalence(func(q equivalence) error {
		n++
		copied += uint64(q.length)
		return nil
	})
	if err == nil && copied+uint64(len(e.extra)) != uint64(e.newSize) {
		err = fmt.Errorf("%d copied and %d extra bytes do not make %d", copied, len(e.extra), e.newSize)
	}
	return n, err
}

// maxReads bounds the time of an application: a patch of a megabyte could ask for
// old to be disassembled thousands of times.
const maxReads = 16

// Apply makes the new file from the old one. Before anything is allocated, the
// patch is checked as a whole, old against its size and CRC in the patch, and
// the new size against limit; the result is checked against its CRC.
func Apply(old, patch []byte, limit int64) ([]byte, error) {
	c, err := parse(patch)
	if err != nil {
		return nil, err
	}
	switch {
	case int64(c.newSize) > limit:
		return nil, fmt.Errorf("patch makes %d bytes, limit is %d", c.newSize, limit)
	case uint64(len(old)) != uint64(c.oldSize):
		return nil, fmt.Errorf("%w: got %d bytes, want %d", ErrOldSize, len(old), c.oldSize)
	}
	if got := crc32.ChecksumIEEE(old); got != c.oldCRC {
		return nil, fmt.Errorf("%w: got CRC %08x, want %08x", ErrOldFile, got, c.oldCRC)
	}
	result := make([]byte, c.newSize)
	programs := uint64(0) // bytes of old that were read as programs
	for i := range c.elements {
		e := &c.elements[i]
		if e.kind != Raw {
			programs += uint64(e.oldSize)
		}
		if programs > maxReads*uint64(c.oldSize) {
			return nil, fmt.Errorf("element %d: elements read old as programs more than %d times over", i, maxReads)
		}
		oldPart := old[e.oldAt : e.oldAt+e.oldSize]
		newPart := result[e.newAt : e.newAt+e.newSize]
		if err := e.apply(oldPart, newPart); err != nil {
			return nil, fmt.Errorf("element %d (%s at %#x): %w", i, e.kind, e.newAt, err)
		}
	}
	if got := crc32.ChecksumIEEE(result); got != c.newCRC {
		return nil, fmt.Errorf("%w: got CRC %08x, want %08x", ErrResult, got, c.newCRC)
	}
	return result, nil
}

func (e *element) apply(oldPart, newPart []byte) error {
	equivalences, err := e.copy(oldPart, newPart)
	if err != nil {
		return err
	}
	if err := e.applyRawDelta(equivalences, newPart); err != nil {
		return err
	}
	if e.kind == Raw {
		if len(e.referenceDeltas) != 0 {
			return fmt.Errorf("%d bytes of reference deltas in a raw element", len(e.referenceDeltas))
		}
		return nil
	}
	return e.applyReferences(equivalences, oldPart, newPart)
}

// copy is the first pass: blocks of old, and extra data between them.
func (e *element) copy(oldPart, newPart []byte) ([]equivalence, error) {
	equivalences := make([]equivalence, 0, e.equivalenceCount)
	extra, at := e.extra, uint32(0)
	err := e.eachEquivalence(func(q equivalence) error {
		extra = extra[copy(newPart[at:q.dst], extra):]
		copy(newPart[q.dst:q.dstEnd()], oldPart[q.src:])
		at = q.dstEnd()
		equivalences = append(equivalences, q)
		return nil
	})
	copy(newPart[at:], extra)
	return equivalences, err
}

// applyRawDelta is the second pass. A correction's place is counted over the
// copied bytes alone, laid end to end.
func (e *element) applyRawDelta(equivalences []equivalence, newPart []byte) error {
	skips := stream(e.rawSkips)
	var place, before uint64 // before: copied bytes in front of equivalences[0]
	for i, diff := range e.rawDiffs {
		skip, err := skips.unsigned()
		if err != nil {
			return fmt.Errorf("raw delta %d: %w", i, err)
		}
		if diff == 0 {
			return fmt.Errorf("raw delta %d changes nothing", i)
		}
		place += uint64(skip)
		for len(equivalences) > 0 && before+uint64(equivalences[0].length) <= place {
			before += uint64(equivalences[0].length)
			equivalences = equivalences[1:]
		}
		if len(equivalences) == 0 {
			return fmt.Errorf("raw delta %d at %#x lies behind the %#x copied bytes", i, place, before)
		}
		newPart[uint64(equivalences[0].dst)+place-before] += diff
		place++
	}
	if len(skips) != 0 {
		return errors.New("more raw delta skips than values")
	}
	return nil
}
