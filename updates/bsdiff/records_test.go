package bsdiff

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// function is what a linker writes into the sorted table of .eh_frame_hdr: how
// far the next function, and its description, lie behind this one.
type function struct{ code, frame uint32 }

func functions(n int) []function {
	rng := rand.New(rand.NewPCG(11, 11))
	f := make([]function, n)
	for i := range f {
		f[i] = function{16 * (1 + rng.Uint32N(40)), 24 + 4*rng.Uint32N(6)}
	}
	return f
}

// unwindTable returns the table of functions from code and frame on.
func unwindTable(f []function, code, frame uint32) []byte {
	var b []byte
	for _, g := range f {
		b = binary.LittleEndian.AppendUint32(b, code)
		b = binary.LittleEndian.AppendUint32(b, frame)
		code += g.code
		frame += g.frame
	}
	return b
}

// Everything has moved, some functions have grown, some are gone: hardly a word
// of the table is what it was, and all of it lies where it did.
func TestMovedTableIsAligned(t *testing.T) {
	const row, gone = 8, 5
	was := functions(6000)
	old := unwindTable(was, 0x412340, 0x7f3214)
	var is []function
	var off []int // of each row of new, in bytes
	for i := 0; i < len(was); i++ {
		if i%1500 == 700 {
			i += gone
		}
		f := was[i]
		if i%50 == 0 {
			f.code += 0x130
		}
		off = append(off, (i-len(is))*row)
		is = append(is, f)
	}
	new := unwindTable(is, 0x5a7720, 0x9931b8)
	p, err := Diff(old, new, Options{})
	if err != nil {
		t.Fatal(err)
	}
	right, newPos, oldPos := 0, 0, 0
	for _, step := range p.Control {
		for i := newPos; i < newPos+int(step.Add); i++ {
			if oldPos-newPos == off[i/row] {
				right++
			}
		}
		newPos += int(step.Add + step.Insert)
		oldPos += int(step.Add + step.Seek)
	}
	if right < len(new)*97/100 {
		t.Errorf("%d of %d bytes lie where they came from, want nearly all", right, len(new))
	}
}

func TestRecordSize(t *testing.T) {
	rows := func(row func(i uint32) []uint32) []byte {
		var b []byte
		for i := uint32(0); len(b) < recordBlock; i++ {
			for _, w := range row(i) {
				b = binary.LittleEndian.AppendUint32(b, w)
			}
		}
		return b[:recordBlock]
	}
	f := functions(recordBlock)
	for _, c := range []struct {
		name  string
		block []byte
		want  int
	}{
		{"offsets", rows(func(i uint32) []uint32 { return []uint32{0x1000 + i*12 + i%3} }), 4},
		{".eh_frame_hdr", unwindTable(f, 0x412340, 0x7f3214)[:recordBlock], 8},
		{".pdata", rows(func(i uint32) []uint32 { return []uint32{0x21000 + i*96, 0x21050 + i*96, 0x850000 + i*12} }), 12},
		{".rela.dyn", relocations(64)[:recordBlock], 24},
		{"zeros", make([]byte, recordBlock), 0},
		{"noise", noise(12, recordBlock), 0},
		{"text", []byte("Words of a text rise and fall by more than the records of a table do, and at no distance less."), 0},
		{"less than a record", []byte{1, 2, 3}, 0},
	} {
		if got := recordSize(c.block); got != c.want {
			t.Errorf("%s: records of %d bytes, want %d", c.name, got, c.want)
		}
	}
}
