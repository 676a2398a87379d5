package zucchini

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
)

// A reference is a place in an image that names another: an address in a
// table, or the distance in a jump. Both are file offsets; target may be fake.
type reference struct{ at, target uint32 }

// A group holds all references of one kind, by place.
type group struct {
	pool       uint8   // groups of one pool share their targets
	width      uint32  // bytes
	branch     *branch // set if the reference shares its bytes with an operation
	references []reference
}

// within returns the references that begin in [lo, hi).
func (g *group) within(lo, hi uint32) []reference {
	i := sort.Search(len(g.references), func(i int) bool { return g.references[i].at >= lo })
	rest := g.references[i:]
	n := sort.Search(len(rest), func(i int) bool { return rest[i].at >= hi })
	return rest[:n]
}

// A program is an executable whose headers have been understood.
type program interface {
	// size is where the last header, segment or section ends; what follows is
	// no part of the element.
	size() uint32
	// groups finds all references, in the order in which patches store them.
	groups() ([]group, error)
	// write makes the reference of kind i at a place of img, which holds a
	// program with these headers, point to an offset.
	write(img []byte, i int, at, target uint32)
	// sure tells why a patch should not rely on this program, nil if it may.
	sure() error
}

// The pools and the first two kinds are the same in all formats.
const (
	relocations = iota // entries of relocation tables; target is the place to relocate
	absolutes          // addresses at those places
	relatives          // operands of instructions, relative to their own address
)

// disassemble understands an image as an executable of the given type, or
// tells why the updater would not.
func disassemble(kind Type, img []byte) (program, error) {
	if len(img) > maxImage {
		return nil, fmt.Errorf("%d bytes are too many for an executable element", len(img))
	}
	switch kind {
	case ELFAMD64:
		return parseELF(img, &elfAMD64)
	case ELFAArch64:
		return parseELF(img, &elfAArch64)
	case PE386:
		return parsePE(img, &pe386)
	case PEAMD64:
		return parsePE(img, &peAMD64)
	}
	return nil, fmt.Errorf("elements of type %q are not supported here", string(kind))
}

// detect returns the type of executable that an image begins with and the
// program itself, or Raw. It must be one also without what follows it, as the
// element will hold it: an ELF file whose symbol tables lie behind its last
// segment is not (Go's toolchain makes such).
func detect(img []byte) (Type, program) {
	for _, kind := range []Type{PE386, PEAMD64, ELFAMD64, ELFAArch64} {
		p, err := disassemble(kind, img)
		if err != nil || p.size() < minProgram {
			continue
		}
		if p, err = wholeProgram(kind, img[:p.size()]); err == nil {
			return kind, p
		}
	}
	return Raw, nil
}

// minProgram is the format's own lower bound.
const minProgram = 16

// A layout says how a program writes addresses down.
type layout struct {
	translator
	base  uint64 // where the program is loaded: absolute addresses count from there
	width uint32 // of an absolute address, 4 or 8 bytes
}

// absolutes finds the addresses that relocations point at: those that
// translate, and of overlapping ones the first.
func (l *layout) absolutes(img []byte, relocs []reference) []reference {
	at := make([]uint32, len(relocs))
	for i, r := range relocs {
		at[i] = r.target
	}
	slices.Sort(at)
	var found []reference
	for _, a := range at {
		if target := l.read(img, a); target != noOffset {
			if n := len(found); n == 0 || a-found[n-1].at >= l.width {
				found = append(found, reference{a, target})
			}
		}
	}
	return found
}

// holds says whether an address fits into img at a place.
func (l *layout) holds(img []byte, at uint32) bool {
	return inside(uint64(at), uint64(l.width), uint64(len(img)))
}

// read returns the offset of what the address at a place names.
func (l *layout) read(img []byte, at uint32) uint32 {
	if !l.holds(img, at) {
		return noOffset
	}
	var address uint64
	if l.width == 4 {
		address = uint64(le32(img, at))
	} else {
		address = le64(img, at)
	}
	if address < l.base || address-l.base >= maxAddress {
		return noOffset
	}
	return l.toOffset(uint32(address - l.base))
}

// write puts the address of an offset at a place.
func (l *layout) write(img []byte, at, target uint32) {
	address := l.toAddress(target)
	switch {
	case address == noAddress || !l.holds(img, at):
	case l.width == 4:
		putLE32(img, at, uint32(l.base)+address)
	default:
		putLE64(img, at, l.base+uint64(address))
	}
}

// between calls visit for the parts of img[lo:hi] that absolute addresses do
// not cover: the code where relative ones are looked for.
func (l *layout) between(absolute []reference, lo, hi uint32, visit func(lo, hi uint32)) {
	i, _ := slices.BinarySearchFunc(absolute, lo, func(r reference, lo uint32) int { return cmp.Compare(r.at, lo) })
	if i > 0 {
		lo = max(lo, absolute[i-1].at+l.width)
	}
	for ; i < len(absolute) && absolute[i].at < hi; i++ {
		if lo < absolute[i].at {
			visit(lo, absolute[i].at)
		}
		lo = absolute[i].at + l.width
	}
	if lo < hi {
		visit(lo, hi)
	}
}
