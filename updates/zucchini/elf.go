package zucchini

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// ELF, 64 bits, little-endian. Names of fields as in the System V ABI.
const (
	elfHeaderSize  = 64
	segmentSize    = 56
	sectionSize    = 64
	elfRelSize     = 16
	elfRelaSize    = 24
	elfWidth       = 8          // of addresses, also of r_offset, the first field of either
	elfSectionEdge = 0x7fff0000 // beyond it the format's translator takes no section

	shtProgbits = 1
	shtRela     = 4
	shtNobits   = 8
	shtRel      = 9
	shfExec     = 1 << 2
	shfTLS      = 1 << 10
)

// An elfSection is a section header.
type elfSection struct {
	kind                                    uint32
	flags, address, offset, size, entrySize uint64
}

func (s *elfSection) span() span {
	return span{uint32(s.offset), uint32(s.size), uint32(s.address), uint32(s.size)}
}

// elfFile is an ELF program.
type elfFile struct {
	layout
	img     []byte // up to the last header, segment or section
	machine *elfMachine
	relocs  []elfSection // tables of relocations, by offset
	code    []span       // machine code, by offset
	unsure  error
}

// An elfMachine is what differs between processors.
type elfMachine struct {
	id       uint16 // e_machine
	relative uint32 // the one relocation type that is read
	branches bool   // relative references are AArch64's, not x86-64's
}

var (
	elfAMD64   = elfMachine{id: 62, relative: 8}
	elfAArch64 = elfMachine{id: 183, relative: 0x403, branches: true}
)

var errNotELF = errors.New("not an ELF executable or library of this machine")

func parseELF(img []byte, m *elfMachine) (*elfFile, error) {
	if len(img) < elfHeaderSize || string(img[:4]) != "\x7fELF" {
		return nil, errNotELF
	}
	kind, machine := le16(img, 16), le16(img, 18)
	const class64, littleEndian, current, exec, dyn = 2, 1, 1, 2, 3
	if img[4] != class64 || img[5] != littleEndian || img[6] != current || le32(img, 20) != current ||
		kind != exec && kind != dyn || machine != m.id || le16(img, 58) != sectionSize {
		return nil, errNotELF
	}
	sections, end1, err := elfTable(img, le64(img, 40), int(le16(img, 60)), sectionSize)
	if err != nil {
		return nil, fmt.Errorf("section headers: %w", err)
	}
	segments, end2, err := elfTable(img, le64(img, 32), int(le16(img, 56)), segmentSize)
	if err != nil {
		return nil, fmt.Errorf("segment headers: %w", err)
	}
	f := &elfFile{machine: m, layout: layout{width: elfWidth}}
	bound := max(end1, end2)
	for _, b := range segments {
		offset, size := le64(b, 8), le64(b, 32)
		if !inside(offset, size, uint64(len(img))) {
			return nil, fmt.Errorf("segment: %#x bytes at %#x are outside the file", size, offset)
		}
		bound = max(bound, offset+size)
	}
	var headers []elfSection
	for _, b := range sections {
		headers = append(headers, elfSection{
			kind: le32(b, 4), flags: le64(b, 8), address: le64(b, 16),
			offset: le64(b, 24), size: le64(b, 32), entrySize: le64(b, 56),
		})
	}
	if err := checkSectionNames(img, headers, int(le16(img, 62))); err != nil {
		return nil, err
	}
	for i := range headers {
		if bound, err = f.add(&headers[i], img, bound); err != nil {
			return nil, fmt.Errorf("section %d: %w", i, err)
		}
	}
	var spans []span
	for _, s := range headers {
		if s.counts() {
			spans = append(spans, s.span())
		}
	}
	if f.translator, err = newTranslator(spans); err != nil {
		return nil, err
	}
	f.img = img[:bound]
	slices.SortStableFunc(f.relocs, func(a, b elfSection) int { return cmp.Compare(a.offset, b.offset) })
	slices.SortStableFunc(f.code, func(a, b span) int { return cmp.Compare(a.offset, b.offset) })
	f.unsure = f.doubts(headers)
	return f, nil
}

// elfTable cuts a header table into its entries. An offset beyond the file is
// its end, which matters for an empty table.
func elfTable(img []byte, offset uint64, count, size int) ([][]byte, uint64, error) {
	offset = min(offset, uint64(len(img)))
	if n := (len(img) - int(offset)) / size; n < count {
		return nil, 0, fmt.Errorf("%d entries at %#x, file has room for %d", count, offset, n)
	}
	table := img[offset : int(offset)+count*size]
	return slices.Collect(slices.Chunk(table, size)), offset + uint64(len(table)), nil
}

// inside says whether a range lies in [0, bound].
func inside(offset, size, bound uint64) bool { return offset <= bound && size <= bound-offset }

func checkSectionNames(img []byte, headers []elfSection, index int) error {
	if index >= len(headers) {
		return fmt.Errorf("section names are in section %d of %d", index, len(headers))
	}
	s := headers[index]
	if s.size == 0 {
		return nil
	}
	if !inside(s.offset, s.size, uint64(len(img))) || img[s.offset+s.size-1] != 0 {
		return errors.New("section names are outside the file or not terminated")
	}
	return nil
}

// counts says whether a section takes part in address translation.
func (s *elfSection) counts() bool {
	return s.size > 0 && s.address > 0 && !(s.kind == shtNobits && s.flags&shfTLS != 0)
}

// add checks a section, keeps it if it holds code or relocations, and returns
// the bound moved to its end.
func (f *elfFile) add(s *elfSection, img []byte, bound uint64) (uint64, error) {
	edge := uint64(len(img))
	if s.kind == shtNobits {
		edge = elfSectionEdge
	}
	if !inside(s.address, s.size, elfSectionEdge) || !inside(s.offset, s.size, edge) {
		return 0, fmt.Errorf("%#x bytes at %#x, address %#x are out of bounds", s.size, s.offset, s.address)
	}
	if !s.counts() || s.kind == shtNobits {
		return bound, nil
	}
	switch {
	case s.kind == shtRel && s.entrySize == elfRelSize, s.kind == shtRela && s.entrySize == elfRelaSize:
		f.relocs = append(f.relocs, *s)
	case s.kind == shtProgbits && s.flags&shfExec != 0:
		f.code = append(f.code, s.span())
	}
	return max(bound, s.offset+s.size), nil
}

// doubts finds what disassemblers of different age treat differently.
func (f *elfFile) doubts(headers []elfSection) error {
	for i, s := range headers {
		if s.counts() && s.kind == shtNobits && s.offset == 0 {
			return fmt.Errorf("section %d has no bytes and lies at offset 0", i)
		}
	}
	for _, s := range f.relocs {
		if s.size%s.entrySize != 0 {
			return fmt.Errorf("relocation table at %#x ends within an entry", s.offset)
		}
	}
	if f.ambiguous {
		return errors.New("two sections begin at one offset")
	}
	return nil
}

func (f *elfFile) size() uint32 { return uint32(len(f.img)) }
func (f *elfFile) sure() error  { return f.unsure }
