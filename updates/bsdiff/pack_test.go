package bsdiff

import (
	"bytes"
	"testing"

	"slipway/updates/xz"
)

// A section is a block of its own if it is worth one; the filter is for what is
// brought from new, and only where the package has it and it pays.
func TestPack(t *testing.T) {
	code := bytes.Repeat([]byte{0xE8, 0, 0, 0, 0}, 20_000) // calls of one target
	for i := range len(code) / 5 {
		v := uint32(1<<20 - 5*i)
		code[5*i+1], code[5*i+2], code[5*i+3] = byte(v), byte(v>>8), byte(v>>16)
	}
	for name, c := range map[string]struct {
		triples, add, insert int
		filter               xz.BCJ
		blocks               []int64 // their sizes
		filters              int     // of the last
	}{
		"all":           {2000, 10, 20, xz.X86, []int64{24_032, 20_000, 40_000}, 2},
		"no filter":     {2000, 10, 20, xz.None, []int64{24_032, 20_000, 40_000}, 1},
		"small control": {1000, 30, 40, xz.X86, []int64{42_032, 40_000}, 2},
		"small extra":   {2000, 20, 5, xz.X86, []int64{24_032, 50_000}, 1},
		"only extra":    {1, 0, 50_000, xz.X86, []int64{44, 50_000}, 2},
		"small":         {1, 1000, 1000, xz.X86, []int64{2044}, 1},
	} {
		old, new := make([]byte, c.triples*c.add), code[:c.triples*(c.add+c.insert)]
		p := Patch{Old: old, New: new}
		for range c.triples {
			p.Control = append(p.Control, Triple{Add: int32(c.add), Insert: int32(c.insert)})
		}
		raw := p.MBDIFF10()
		packed, err := Pack(raw, xz.Options{BCJ: c.filter, Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		got, err := xz.Decode(packed, int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, raw) {
			t.Errorf("%s: unpacks to another patch", name)
		}
		stream, err := xz.Inspect(packed)
		if err != nil {
			t.Fatal(err)
		}
		if len(stream.Blocks) != len(c.blocks) {
			t.Errorf("%s: %d blocks, want %v", name, len(stream.Blocks), c.blocks)
			continue
		}
		for i, b := range stream.Blocks {
			filters := 1
			if i == len(stream.Blocks)-1 {
				filters = c.filters
			}
			if b.Uncompressed != c.blocks[i] || len(b.Filters) != filters {
				t.Errorf("%s: block %d has %d bytes and %d filters, want %d and %d", name, i, b.Uncompressed, len(b.Filters), c.blocks[i], filters)
			}
		}
	}
	if _, err := Pack([]byte("MBDIFF10"), xz.Options{}); err == nil {
		t.Error("a patch without its header was packed")
	}
}
