package zucchini

import "encoding/binary"

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
