package zucchini

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sort"
)

// Portable Executable. The machine is not looked at: the format treats ARM64
// programs as x86-64 ones.
const (
	dosHeaderSize    = 0x40
	coffHeaderSize   = 20
	peSectionSize    = 40
	relocDirectory   = 5
	relocBlockHeader = 8
	peRelocWidth     = 2
	peCode           = 0x60000000 // may be read and executed
)

// A peMachine is what differs between 32 and 64 bits. Places are in the
// optional header.
type peMachine struct {
	magic         uint16
	size          uint64 // with all 16 data directories
	baseAt        uint32
	countAt       uint32 // of data directories
	directoriesAt int
	width         uint32 // of addresses
	relocType     uint16 // the one relocation type that is read
	ripRelative   bool   // code may address data relative to itself
}

var (
	pe386   = peMachine{magic: 0x10b, size: 0xe0, baseAt: 28, countAt: 92, directoriesAt: 0x60, width: 4, relocType: 3}
	peAMD64 = peMachine{magic: 0x20b, size: 0xf0, baseAt: 24, countAt: 108, directoriesAt: 0x70, width: 8, relocType: 10, ripRelative: true}
)

// peFile is a PE program.
type peFile struct {
	layout
	img      []byte // up to the end of the last section: signatures are no part of it
	machine  *peMachine
	code     []span   // in the order of the headers
	blocks   []uint32 // where the blocks of relocations begin
	relocEnd uint32
}

var errNotPE = errors.New("not a PE program of this width")

func parsePE(img []byte, m *peMachine) (*peFile, error) {
	if len(img) < dosHeaderSize || string(img[:2]) != "MZ" {
		return nil, errNotPE
	}
	at := uint64(le32(img, 0x3c))
	optional := at + 4 + coffHeaderSize
	if at%8 != 0 || at < dosHeaderSize || optional+m.size > uint64(len(img)) || string(img[at:at+4]) != "PE\x00\x00" {
		return nil, errNotPE
	}
	coff, opt := img[at+4:], img[optional:]
	directories := int(le16(coff, 16)) - m.directoriesAt
	if le16(opt, 0) != m.magic || directories < 0 {
		return nil, errNotPE
	}
	if n := le32(opt, m.countAt); directories%8 != 0 || uint32(directories/8) != n || n > 16 || n <= relocDirectory {
		return nil, fmt.Errorf("%d data directories in %d bytes", n, directories)
	}
	f := &peFile{machine: m, layout: layout{base: le64(opt, m.baseAt), width: m.width}}
	if m.width == 4 {
		f.base = uint64(le32(opt, m.baseAt))
	}
	imageSize := le32(opt, 56)
	if imageSize >= maxAddress {
		return nil, fmt.Errorf("image size %#x is out of bounds", imageSize)
	}
	bound := optional + m.size
	count := uint64(le16(coff, 2))
	if bound+count*peSectionSize > uint64(len(img)) {
		return nil, fmt.Errorf("%d section headers run past the end", count)
	}
	var spans []span
	for b := range slices.Chunk(img[bound:bound+count*peSectionSize], peSectionSize) {
		s := span{offset: le32(b, 20), offsetSize: le32(b, 16), address: le32(b, 12), addressSize: le32(b, 8)}
		if !inside(uint64(s.offset), uint64(s.offsetSize), uint64(len(img))) ||
			s.address >= imageSize || s.addressSize > imageSize-s.address {
			return nil, fmt.Errorf("section at %#x, address %#x is out of bounds", s.offset, s.address)
		}
		spans = append(spans, s)
		bound = max(bound, uint64(s.offset)+uint64(s.offsetSize))
		if le32(b, 36)&peCode == peCode {
			f.code = append(f.code, span{s.offset, min(s.offsetSize, s.addressSize), s.address, s.addressSize})
		}
	}
	if len(f.code) == 0 {
		return nil, errors.New("no section holds code")
	}
	var err error
	if f.translator, err = newTranslator(spans); err != nil {
		return nil, err
	}
	f.img = img[:bound]
	directory := opt[m.directoriesAt+8*relocDirectory:]
	f.findBlocks(f.toOffset(le32(directory, 0)), le32(directory, 4))
	return f, nil
}

// findBlocks keeps where the blocks of the relocation table begin. A table
// that is missing or malformed counts as none.
func (f *peFile) findBlocks(at, size uint32) {
	if !inside(uint64(at), uint64(size), uint64(len(f.img))) {
		return
	}
	var blocks []uint32
	end := at + size
	for end-at >= relocBlockHeader {
		blocks = append(blocks, at)
		n := le32(f.img, at+4)
		if n < relocBlockHeader || n%4 != 0 || n > end-at {
			return
		}
		at += n
	}
	if at == end {
		f.blocks, f.relocEnd = blocks, end
	}
}

func (f *peFile) size() uint32 { return uint32(len(f.img)) }

func (f *peFile) sure() error {
	if f.ambiguous {
		return errors.New("two sections begin at one offset")
	}
	return nil
}

// groups finds relocations, the addresses they point at, and the relative
// references in code.
func (f *peFile) groups() ([]group, error) {
	relocs := f.findRelocs()
	absolute := f.absolutes(f.img, relocs)
	var scanned uint64
	var relative []reference
	for _, s := range f.code {
		if scanned += uint64(s.offsetSize); scanned > uint64(len(f.img)) {
			return nil, errOverlap
		}
		f.between(absolute, s.offset, s.offsetEnd(), func(lo, hi uint32) {
			relative = findRel32(f.img, &f.translator, s, f.machine.ripRelative, lo, hi, relative)
		})
	}
	slices.SortFunc(relative, func(a, b reference) int { return cmp.Compare(a.at, b.at) })
	return []group{
		{pool: relocations, width: peRelocWidth, references: relocs},
		{pool: absolutes, width: f.width, references: absolute},
		{pool: relatives, width: rel32Width, references: relative},
	}, nil
}

// findRelocs reads the relocation table: blocks of a page address, the block's
// size, and entries of four bits of type and twelve of place in the page.
func (f *peFile) findRelocs() []reference {
	var found []reference
	for i, at := range f.blocks {
		end := f.relocEnd
		if i+1 < len(f.blocks) {
			end = f.blocks[i+1]
		}
		page := le32(f.img, at)
		for at += relocBlockHeader; at < end; at += peRelocWidth {
			entry := le16(f.img, at)
			if entry>>12 != f.machine.relocType {
				continue
			}
			target := f.toOffset(page + uint32(entry&0xfff))
			if f.holds(f.img, target) {
				found = append(found, reference{at, target})
			}
		}
	}
	return found
}

func (f *peFile) write(img []byte, i int, at, target uint32) {
	switch i {
	case relocations:
		f.writeReloc(img, at, target)
	case absolutes:
		f.layout.write(img, at, target)
	default:
		writeRel32(img, &f.translator, at, target)
	}
}

// writeReloc leaves a place outside its block's page as it is: so does the
// updater.
func (f *peFile) writeReloc(img []byte, at, target uint32) {
	i := sort.Search(len(f.blocks), func(i int) bool { return f.blocks[i] > at })
	if i == 0 || uint64(at)+peRelocWidth > uint64(len(img)) {
		return
	}
	if place := f.toAddress(target) - le32(img, f.blocks[i-1]); place <= 0xfff {
		putLE16(img, at, uint16(place)|f.machine.relocType<<12)
	}
}
