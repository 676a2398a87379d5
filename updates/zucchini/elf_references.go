package zucchini

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// groups finds relocations, the addresses they point at, and the relative
// references in code.
func (f *elfFile) groups() ([]group, error) {
	var end uint64
	for _, s := range f.relocs {
		if s.offset < end {
			return nil, errOverlap
		}
		end = s.offset + s.size
	}
	relocs := f.findRelocs()
	absolute := f.absolutes(f.img, relocs)
	groups := []group{
		{pool: relocations, width: elfWidth, references: relocs},
		{pool: absolutes, width: elfWidth, references: absolute},
	}
	relative, err := f.findRelative(absolute)
	return append(groups, relative...), err
}

func (f *elfFile) findRelocs() []reference {
	var found []reference
	size := uint64(len(f.img))
	for _, s := range f.relocs {
		for at := s.offset; at < s.offset+s.size && at+s.entrySize <= size; at += s.entrySize {
			place := binary.LittleEndian.Uint64(f.img[at:])
			kind := binary.LittleEndian.Uint32(f.img[at+8:])
			if kind != f.machine.relative || place > 1<<32-1 {
				continue
			}
			target := f.toOffset(uint32(place))
			if target != noOffset && f.holds(f.img, target) {
				found = append(found, reference{uint32(at), target})
			}
		}
	}
	return found
}

func (f *elfFile) findRelative(absolute []reference) ([]group, error) {
	var plain []reference
	var branchy [len(branches)][]reference
	var end uint32
	for _, s := range f.code {
		if s.offset < end {
			return nil, errOverlap // every byte is scanned once
		}
		end = s.offsetEnd()
		f.between(absolute, s.offset, end, func(lo, hi uint32) {
			if f.machine.branches {
				findBranches(f.img, &f.translator, s, f.inCode, lo, hi, &branchy)
			} else {
				plain = findRel32(f.img, &f.translator, s, true, lo, hi, plain)
			}
		})
	}
	if !f.machine.branches {
		return []group{{pool: relatives, width: rel32Width, references: plain}}, nil
	}
	var groups []group
	for i, references := range branchy {
		groups = append(groups, group{pool: relatives, width: branchWidth, branch: &branches[i], references: references})
	}
	return groups, nil
}

// inCode says whether an offset lies in machine code.
func (f *elfFile) inCode(offset uint32) bool {
	i, found := slices.BinarySearchFunc(f.code, offset, func(s span, o uint32) int { return cmp.Compare(s.offset, o) })
	if !found {
		i--
	}
	return i >= 0 && offset < f.code[i].offsetEnd()
}

func (f *elfFile) write(img []byte, i int, at, target uint32) {
	switch {
	case i == relocations:
		if f.holds(img, at) {
			putLE64(img, at, uint64(f.toAddress(target)))
		}
	case i == absolutes:
		f.layout.write(img, at, target)
	case f.machine.branches:
		branches[i-relatives].write(img, &f.translator, at, target)
	default:
		writeRel32(img, &f.translator, at, target)
	}
}
