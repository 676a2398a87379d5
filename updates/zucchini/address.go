package zucchini

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

const (
	// maxAddress bounds relative addresses and file offsets alike.
	maxAddress = 1<<31 - 1
	// noAddress and noOffset stand for "translates to nothing". It is a value
	// of the format: a writer that cannot translate computes with it.
	noAddress = 1<<32 - 2
	noOffset  = 1<<32 - 2
)

// A span maps a range of file offsets to a range of relative addresses, as one
// section of an executable does. More addresses than offsets are allowed: the
// rest has no bytes in the file (.bss).
type span struct{ offset, offsetSize, address, addressSize uint32 }

func (s span) offsetEnd() uint32  { return s.offset + s.offsetSize }
func (s span) addressEnd() uint32 { return s.address + s.addressSize }
func (s span) bare() bool         { return s.addressSize > s.offsetSize }

// A translator converts between file offsets and relative addresses. Addresses
// without bytes become fake offsets: the address itself, counted from behind
// the last real offset.
type translator struct {
	byOffset  []span
	byAddress []span
	fakeBegin uint32
	ambiguous bool // an empty span begins where a full one does: which of them counts is up to a sort
}

var errOverlap = errors.New("sections overlap in different ways in file and memory")

// newTranslator joins sections to spans. It refuses what the format's own
// translator refuses: such a file cannot be an executable element.
func newTranslator(sections []span) (translator, error) {
	spans := make([]span, 0, len(sections))
	for _, s := range sections {
		if uint64(s.offset)+uint64(s.offsetSize) > maxAddress || s.offset == maxAddress ||
			uint64(s.address)+uint64(s.addressSize) > maxAddress || s.address == maxAddress {
			return translator{}, fmt.Errorf("section at %#x, address %#x is out of bounds", s.offset, s.address)
		}
		s.offsetSize = min(s.offsetSize, s.addressSize)
		if s.addressSize > 0 {
			spans = append(spans, s)
		}
	}
	slices.SortStableFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.address, b.address), cmp.Compare(a.addressSize, b.addressSize))
	})
	spans, err := mergeSpans(slices.Compact(spans))
	if err != nil {
		return translator{}, err
	}
	t := translator{byAddress: spans, byOffset: slices.Clone(spans)}
	slices.SortStableFunc(t.byOffset, func(a, b span) int { return cmp.Compare(a.offset, b.offset) })
	var maxRVA uint32
	for i, s := range t.byOffset {
		if i > 0 {
			before := t.byOffset[i-1]
			if before.offsetEnd() > s.offset {
				return translator{}, errOverlap
			}
			t.ambiguous = t.ambiguous || before.offset == s.offset && s.offsetSize > 0
		}
		t.fakeBegin = max(t.fakeBegin, s.offsetEnd())
		maxRVA = max(maxRVA, s.addressEnd())
	}
	if uint64(t.fakeBegin)+uint64(maxRVA) > maxAddress {
		return translator{}, fmt.Errorf("no room for offsets of addresses up to %#x behind %#x", maxRVA, t.fakeBegin)
	}
	return t, nil
}

// mergeSpans joins spans, sorted by address, that overlap or touch and agree
// about where their bytes are. Touching ones that disagree stay apart.
func mergeSpans(spans []span) ([]span, error) {
	var merged []span
	for _, next := range spans {
		if len(merged) == 0 || merged[len(merged)-1].addressEnd() < next.address {
			merged = append(merged, next)
			continue
		}
		last := &merged[len(merged)-1]
		sameShift := next.offset >= last.offset && next.offset-last.offset == next.address-last.address
		sameTail := !(next.bare() && next.offsetEnd() < last.offsetEnd()) &&
			!(last.bare() && last.offsetEnd() < next.offsetEnd())
		if sameShift && sameTail {
			last.addressSize = max(last.addressSize, next.addressEnd()-last.address)
			last.offsetSize = max(last.offsetSize, next.offsetEnd()-last.offset)
			continue
		}
		if last.addressEnd() != next.address {
			return nil, errOverlap
		}
		merged = append(merged, next)
	}
	return merged, nil
}

// spanOf returns the span that holds an address.
func (t *translator) spanOf(address uint32) *span {
	i, found := slices.BinarySearchFunc(t.byAddress, address, func(s span, a uint32) int { return cmp.Compare(s.address, a) })
	if !found {
		i--
	}
	if i < 0 || address-t.byAddress[i].address >= t.byAddress[i].addressSize {
		return nil
	}
	return &t.byAddress[i]
}

// toOffset translates an address to an offset, real or fake.
func (t *translator) toOffset(address uint32) uint32 {
	s := t.spanOf(address)
	return t.offsetIn(s, address)
}

func (t *translator) offsetIn(s *span, address uint32) uint32 {
	switch {
	case s == nil:
		return noOffset
	case address-s.address < s.offsetSize:
		return address - s.address + s.offset
	}
	return t.fakeBegin + address
}

// toAddress translates an offset, real or fake, to an address.
func (t *translator) toAddress(offset uint32) uint32 {
	if offset >= t.fakeBegin {
		address := offset - t.fakeBegin
		if s := t.spanOf(address); s != nil && address-s.address >= s.offsetSize {
			return address
		}
		return noAddress
	}
	i, found := slices.BinarySearchFunc(t.byOffset, offset, func(s span, o uint32) int { return cmp.Compare(s.offset, o) })
	if !found {
		i--
	}
	for found && i+1 < len(t.byOffset) && t.byOffset[i+1].offset == offset {
		i++ // of spans that begin at one offset, the last counts
	}
	if i < 0 || offset-t.byOffset[i].offset >= t.byOffset[i].offsetSize {
		return noAddress
	}
	return offset - t.byOffset[i].offset + t.byOffset[i].address
}
