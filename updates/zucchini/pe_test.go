package zucchini

import (
	"strings"
	"testing"
)

// pe32 builds a 32-bit program: functions that call each other and push the
// addresses of others, after a gap of some size, and its relocations.
func pe32(gap uint32) []byte {
	const (
		base, text, reloc = 0x400000, 0x1000, 0x5000
		textAt, relocAt   = 0x200, 0x3200
		functions, size   = 100, 64
	)
	b := make([]byte, relocAt+0x400)
	copy(b, "MZ")
	putLE32(b, 0x3c, 0x40)
	copy(b[0x40:], "PE\x00\x00")
	putLE16(b, 0x46, 2)    // sections
	putLE16(b, 0x54, 0xe0) // size of the optional header
	opt := b[0x58:]
	putLE16(opt, 0, 0x10b)
	putLE32(opt, 28, base)
	putLE32(opt, 56, 0x6000)
	putLE32(opt, 92, 16)
	section := func(i int, address, at, size, flags uint32) {
		h := b[0x58+0xe0+i*peSectionSize:]
		putLE32(h, 8, size)
		putLE32(h, 12, address)
		putLE32(h, 16, size)
		putLE32(h, 20, at)
		putLE32(h, 36, flags)
	}
	section(0, text, textAt, 0x3000, 0x60000020)
	section(1, reloc, relocAt, 0x400, 0x42000040)

	blocks := b[relocAt:]
	var relocs []uint16
	for i := range uint32(functions) {
		at := gap + i*size
		code := b[textAt+at:]
		for k := range code[:size] {
			code[k] = byte(i*7 + uint32(k)*k31) // differs between functions
		}
		other := gap + (i*37%functions)*size
		code[0] = 0xe8
		putLE32(code, 1, other-(at+5))
		code[5] = 0x68
		putLE32(code, 6, base+text+other)
		relocs = append(relocs, uint16(3<<12|(at+6)&0xfff))
		if last := i+1 == functions; last || (gap+(i+1)*size+6)>>12 != (at+6)>>12 {
			if len(relocs)%2 != 0 {
				relocs = append(relocs, 0)
			}
			putLE32(blocks, 0, text+(at+6)&^0xfff)
			putLE32(blocks, 4, uint32(8+2*len(relocs)))
			for k, r := range relocs {
				putLE16(blocks, uint32(8+2*k), r)
			}
			blocks, relocs = blocks[8+2*len(relocs):], nil
		}
	}
	putLE32(opt, 0x60+8*relocDirectory, reloc)
	putLE32(opt, 0x60+8*relocDirectory+4, uint32(len(b)-relocAt-len(blocks)))
	return b
}

// k31 is odd, has no zero bytes in its multiples for small factors, and makes
// no opcode that the scan looks for often.
const k31 = 0x1d

func TestPE32(t *testing.T) {
	old, new := pe32(0), pe32(48)
	kind, program := detect(old)
	if kind != PE386 {
		t.Fatalf("got type %s", kind)
	}
	groups, err := program.groups()
	if err != nil {
		t.Fatal(err)
	}
	if relocs, absolute := len(groups[0].references), len(groups[1].references); relocs != 100 || absolute != 100 || groups[1].width != 4 {
		t.Errorf("got %d relocations and %d addresses of %d bytes, want 100 and 100 of 4", relocs, absolute, groups[1].width)
	}
	if n := len(groups[2].references); n < 100 {
		t.Errorf("got %d relative references, want 100 or more", n)
	}
	aware, raw := mustDiff(t, old, new, Options{}), mustDiff(t, old, new, Options{Raw: true})
	if got := kinds(t, aware); got != "Px86" {
		t.Errorf("got elements %s, want Px86", got)
	}
	if estimate(aware) >= estimate(raw) {
		t.Errorf("got %d bytes, raw %d: references were not understood", estimate(aware), estimate(raw))
	}
	// 64-bit programs alone address data relative to code.
	lea := append([]byte(strings.Repeat("\x90", 64)), 0x8d, 0x05, 0, 0, 0, 0, 0x90)
	l, err := newTranslator([]span{{0, 0x80, 0x1000, 0x80}})
	if err != nil {
		t.Fatal(err)
	}
	for ripRelative, want := range map[bool]int{false: 0, true: 1} {
		if got := len(findRel32(lea, &l, span{0, 0x47, 0x1000, 0x80}, ripRelative, 0, 0x47, nil)); got != want {
			t.Errorf("lea, rip-relative %v: got %d references, want %d", ripRelative, got, want)
		}
	}
}
