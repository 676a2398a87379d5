package zucchini

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"testing"
)

// A small patch to spoil: "0123456789" becomes "01x3456789ab".
var (
	smallOld = []byte("0123456789")
	smallNew = []byte("01x3456789ab")
)

func smallPatch() container {
	e := element{kind: Raw, oldSize: 10, newSize: 12}
	e.describe(smallOld, smallNew, smallNew, []equivalence{{0, 0, 10}})
	return container{
		oldSize: 10, oldCRC: crc32.ChecksumIEEE(smallOld),
		newSize: 12, newCRC: crc32.ChecksumIEEE(smallNew),
		elements: []element{e},
	}
}

func TestSmallPatch(t *testing.T) {
	c := smallPatch()
	got, err := Apply(smallOld, c.encode(), 12)
	if err != nil || !bytes.Equal(got, smallNew) {
		t.Errorf("got %q, %v", got, err)
	}
}

// Each hostile patch is refused, and the error says what is wrong with it.
func TestHostilePatches(t *testing.T) {
	spoil := func(f func(c *container, e *element)) []byte {
		c := smallPatch()
		f(&c, &c.elements[0])
		return c.encode()
	}
	good := spoil(func(*container, *element) {})
	set := func(at int, v ...byte) []byte {
		b := bytes.Clone(good)
		copy(b[at:], v)
		return b
	}
	huge := []byte{0xff, 0xff, 0xff, 0xff}
	for _, c := range []struct {
		name  string
		patch []byte
		want  string
	}{
		{"empty", nil, "header: 24 bytes wanted, 0 left"},
		{"another format", []byte("MBDIFF10 and then some more bytes"), `begins with "MBDI"`},
		{"old major version", set(4, 1), "major version 1, want 2"},
		{"no element count", good[:24], "element count"},
		{"four billion elements", set(24, huge...), "element header: 22 bytes wanted, 0 left"},
		{"no elements", append(bytes.Clone(good[:24]), 0, 0, 0, 0), "make 0 bytes of new, header says 12"},
		{"unknown type", spoil(func(_ *container, e *element) { e.kind = "DEX " }), `type "DEX " is not known`},
		{"other version of a type", set(28+20, 2), `type "NoOp" has version 2, want 1`},
		{"truncated", good[:len(good)-1], "pool count: 4 bytes wanted, 3 left"},
		{"trailing byte", append(bytes.Clone(good), 0), "1 bytes after the last element"},
		{"buffer longer than the patch", set(28+22, huge...), "sources: 4294967295 bytes wanted"},
		{"huge new size", set(16, huge...), "make 12 bytes of new, header says 4294967295"},
		{"huge element", spoil(func(c *container, e *element) { c.newSize, e.newSize = 1<<32-1, 1<<32-1 }), "do not make 4294967295"},
		{"empty old part", spoil(func(_ *container, e *element) { e.oldSize = 0 }), "empty"},
		{"empty new part", spoil(func(_ *container, e *element) { e.newSize = 0 }), "empty"},
		{"old part past the end", spoil(func(_ *container, e *element) { e.oldAt = 1 }), "0xa bytes of old at 0x1 run past its end (0xa)"},
		{"old part wraps", spoil(func(_ *container, e *element) { e.oldAt = 1<<32 - 5 }), "run past its end"},
		{"gap before an element", spoil(func(_ *container, e *element) { e.newAt = 1 }), "begins at 0x1 of new, want 0x0"},
		{"new part past the end", spoil(func(_ *container, e *element) { e.newSize = 13 }), "run past its end (0xc)"},
		{"pool tag 255", spoil(func(_ *container, e *element) { e.pools = []pool{{tag: 255}} }), "pool tag 255"},
		{"pool twice", spoil(func(_ *container, e *element) { e.pools = []pool{{tag: 1}, {tag: 1}} }), "pool tag 1"},
		{"four billion pools", set(len(good)-4, huge...), "pool tag: 1 bytes wanted, 0 left"},
		{"source before old", spoil(func(_ *container, e *element) { e.sources = appendSigned(nil, -1) }), "at -0x1 are outside old"},
		{"source behind old", spoil(func(_ *container, e *element) { e.sources = appendSigned(nil, 10) }), "outside old (0xa)"},
		{"copy past old", spoil(func(_ *container, e *element) { e.lengths = appendUnsigned(nil, 11) }), "outside old (0xa)"},
		{"copy past new", spoil(func(_ *container, e *element) { e.gaps = appendUnsigned(nil, 3) }), "outside new (0xc)"},
		{"length of 35 bits", spoil(func(_ *container, e *element) { e.lengths = []byte{0xff, 0xff, 0xff, 0xff, 0x7f} }), "length: number does not fit 32 bits"},
		{"length without end", spoil(func(_ *container, e *element) { e.lengths = []byte{0x80} }), "length: number runs past the end"},
		{"length of six bytes", spoil(func(_ *container, e *element) { e.lengths = []byte{0x80, 0x80, 0x80, 0x80, 0x80, 1} }), "does not fit 32 bits"},
		{"more gaps than lengths", spoil(func(_ *container, e *element) { e.gaps = []byte{0, 0} }), "equivalence 1: length"},
		{"too little extra data", spoil(func(_ *container, e *element) { e.extra = e.extra[1:] }), "10 copied and 1 extra bytes do not make 12"},
		{"correction behind the copies", spoil(func(_ *container, e *element) { e.rawSkips = []byte{10} }), "raw delta 0 at 0xa lies behind the 0xa copied bytes"},
		{"correction by nothing", spoil(func(_ *container, e *element) { e.rawDiffs = []byte{0} }), "raw delta 0 changes nothing"},
		{"fewer skips than corrections", spoil(func(_ *container, e *element) { e.rawSkips = nil }), "raw delta 0: number runs past"},
		{"more skips than corrections", spoil(func(_ *container, e *element) { e.rawSkips = []byte{2, 2} }), "more raw delta skips"},
		{"references in a raw element", spoil(func(_ *container, e *element) { e.referenceDeltas = []byte{0} }), "reference deltas in a raw element"},
		{"program of a kind that is not read here", spoil(func(_ *container, e *element) { e.kind = ELF386 }), `type "Ex86" are not supported`},
		{"text as a program", spoil(func(_ *container, e *element) { e.kind = ELFAMD64 }), "old: not an ELF"},
		{"other old size", spoil(func(c *container, _ *element) { c.oldSize = 11 }), "another old file of another size: got 10 bytes, want 11"},
		{"other old CRC", spoil(func(c *container, _ *element) { c.oldCRC++ }), "another old file: got CRC"},
		{"other new CRC", spoil(func(c *container, _ *element) { c.newCRC++ }), "differs from what the patch promises"},
	} {
		if _, err := Apply(smallOld, c.patch, 1<<40); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// A patch that promises more than the limit is refused before anything is
// allocated for it.
func TestApplyLimit(t *testing.T) {
	const size = 1 << 32 * 9 / 10
	e := element{kind: Raw, oldSize: 10, newSize: size}
	e.lengths = appendUnsigned(nil, 10)
	e.sources, e.gaps = []byte{0}, []byte{0}
	e.extra = make([]byte, 100)
	c := container{oldSize: 10, oldCRC: crc32.ChecksumIEEE(smallOld), newSize: size, elements: []element{e}}
	if _, err := Apply(smallOld, c.encode(), 1<<20); err == nil || !strings.Contains(err.Error(), "do not make") {
		t.Errorf("got %v", err)
	}
	small := smallPatch()
	if _, err := Apply(smallOld, small.encode(), 11); err == nil || !strings.Contains(err.Error(), "patch makes 12 bytes, limit is 11") {
		t.Errorf("got %v", err)
	}
}

// Hostile reference data of a real program is refused.
func TestHostileReferences(t *testing.T) {
	old := sample(t, "elf64-O1.old")
	for _, c := range []struct {
		name string
		f    func(e *element)
		want string
	}{
		{"too few deltas", func(e *element) { e.referenceDeltas = e.referenceDeltas[1:] }, "number runs past the end"},
		{"too many deltas", func(e *element) { e.referenceDeltas = append(e.referenceDeltas, 0) }, "more reference deltas than references"},
		{"target before the pool", func(e *element) { e.referenceDeltas[0] = 0xfd; e.referenceDeltas[1] = 0x7f }, "target -"},
		{"extra target of 33 bits", func(e *element) { e.pools[0].targets = []byte{0xff, 0xff, 0xff, 0xff, 0x0f, 0} }, "pool 0: target 0x100000000"},
		{"program of another machine", func(e *element) { e.kind = ELFAArch64 }, "old: not an ELF"},
	} {
		p, err := parse(sample(t, "elf64-O1.zuc"))
		if err != nil {
			t.Fatal(err)
		}
		e := &p.elements[0]
		e.referenceDeltas = bytes.Clone(e.referenceDeltas)
		c.f(e)
		if _, err := Apply(old, p.encode(), testLimit); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// A patch of many elements, each of which reads all of old as a program.
func TestHostileRepetition(t *testing.T) {
	p, err := parse(sample(t, "elf64-O1.zuc"))
	if err != nil {
		t.Fatal(err)
	}
	e := p.elements[0]
	p.elements, p.newSize = nil, 0
	for range 2 * maxReads {
		e.newAt = p.newSize
		p.newSize += e.newSize
		p.elements = append(p.elements, e)
	}
	if _, err := Apply(sample(t, "elf64-O1.old"), p.encode(), testLimit); err == nil || !strings.Contains(err.Error(), "more than 16 times over") {
		t.Errorf("got %v", err)
	}
}

func TestStream(t *testing.T) {
	for _, v := range []uint32{0, 1, 127, 128, 300, 1 << 21, 1<<32 - 1} {
		s := stream(appendUnsigned(nil, v))
		if got, err := s.unsigned(); got != v || err != nil || len(s) != 0 {
			t.Errorf("%d: got %d, %v, %d bytes left", v, got, err, len(s))
		}
	}
	for _, v := range []int32{0, 1, -1, 63, -64, 64, 1<<31 - 1, -1 << 31} {
		s := stream(appendSigned(nil, v))
		if got, err := s.signed(); got != v || err != nil || len(s) != 0 {
			t.Errorf("%d: got %d, %v, %d bytes left", v, got, err, len(s))
		}
	}
	if got := appendSigned(nil, -65); !bytes.Equal(got, []byte{0x81, 0x01}) {
		t.Errorf("-65: got % x", got)
	}
}

func TestEncodeTargets(t *testing.T) {
	want := []uint32{0, 1, 5, 1 << 31, 1<<32 - 1}
	got, err := decodeTargets(encodeTargets(want))
	if err != nil || len(got) != len(want) {
		t.Fatalf("got %v, %v", got, err)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("target %d: got %#x, want %#x", i, got[i], want[i])
		}
	}
}

// FuzzApply holds patches, real ones at first, against a program: each is
// refused or gives what its CRC says, in bounded memory.
func FuzzApply(f *testing.F) {
	for i, name := range samples {
		f.Add(byte(i), sample(f, name+".zuc"))
		f.Add(byte(i), sample(f, name+".raw.zuc"))
	}
	f.Fuzz(func(t *testing.T, which byte, patch []byte) {
		old := sample(t, samples[int(which)%len(samples)]+".old")
		const limit = 1 << 20
		got, err := Apply(old, patch, limit)
		if err != nil {
			return
		}
		if len(got) > limit || crc32.ChecksumIEEE(got) != binary.LittleEndian.Uint32(patch[20:]) {
			t.Errorf("%d bytes that are not what the patch says", len(got))
		}
	})
}

// FuzzDiff edits both sides of a pair of programs, each edit four bytes:
// where, and what to add there. A patch always gives new back.
func FuzzDiff(f *testing.F) {
	f.Add(byte(0), []byte{0, 0x10, 0, 1}, []byte{0, 0x12, 0x30, 7})
	f.Add(byte(2), []byte{0, 0, 18, 1}, []byte{})
	f.Add(byte(4), []byte{0, 1, 0x88, 1}, []byte{0, 0x80, 0, 1, 0, 0x90, 0, 255})
	f.Fuzz(func(t *testing.T, which byte, oldEdits, newEdits []byte) {
		edit := func(b, edits []byte) []byte {
			for ; len(edits) >= 4; edits = edits[4:] {
				at := int(edits[0])<<16 | int(edits[1])<<8 | int(edits[2])
				b[at%len(b)] += edits[3]
			}
			return b
		}
		name := samples[int(which)%len(samples)]
		mustDiff(t, edit(sample(t, name+".old"), oldEdits), edit(sample(t, name+".new"), newEdits), Options{})
	})
}
