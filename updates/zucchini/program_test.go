package zucchini

import (
	"slices"
	"testing"
)

func TestTranslator(t *testing.T) {
	tr, err := newTranslator([]span{
		{0x200, 0x100, 0x1000, 0x100},
		{0x300, 0x80, 0x1100, 0x80}, // touches and agrees: joins the first
		{0x400, 0x10, 0x3000, 0x40}, // the rest has no bytes
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(tr.byAddress) != 2 || tr.fakeBegin != 0x410 {
		t.Errorf("got %d spans, fake offsets from %#x", len(tr.byAddress), tr.fakeBegin)
	}
	for address, offset := range map[uint32]uint32{
		0x1000: 0x200, 0x117f: 0x37f, 0x1180: noOffset, 0xfff: noOffset,
		0x300f: 0x40f, 0x3010: 0x410 + 0x3010, 0x303f: 0x410 + 0x303f, 0x3040: noOffset, noAddress: noOffset,
	} {
		if got := tr.toOffset(address); got != offset {
			t.Errorf("address %#x: got %#x, want %#x", address, got, offset)
		}
		if offset == noOffset {
			continue
		}
		if got := tr.toAddress(offset); got != address {
			t.Errorf("offset %#x: got %#x, want %#x", offset, got, address)
		}
	}
	for _, offset := range []uint32{0, 0x380, 0x410 + 0x3000, 0x410 + 0x1000} {
		if got := tr.toAddress(offset); got != noAddress {
			t.Errorf("offset %#x: got %#x, want none", offset, got)
		}
	}
}

func TestTranslatorRefuses(t *testing.T) {
	for name, spans := range map[string][]span{
		"addresses overlap, offsets do not": {{0x100, 0x100, 0x1000, 0x100}, {0x900, 0x100, 0x1080, 0x100}},
		"offsets overlap, addresses do not": {{0x100, 0x100, 0x1000, 0x100}, {0x180, 0x100, 0x9000, 0x100}},
		"bytes where others say none":       {{0x100, 0x10, 0x1000, 0x100}, {0x140, 0x80, 0x1040, 0x80}},
		"beyond the last address":           {{0x100, 0x10, 0x7ffffff8, 0x10}},
		"no room for fake offsets":          {{0x40000000, 0x10, 0x50000000, 0x10}},
	} {
		if _, err := newTranslator(spans); err == nil {
			t.Errorf("%s: was accepted", name)
		}
	}
}

// The scan for operands ignores where instructions begin, skips what it has
// accepted, and judges targets by the section.
func TestFindRel32(t *testing.T) {
	tr, err := newTranslator([]span{{0, 0x40, 0x1000, 0x40}, {0x40, 0x20, 0x2000, 0x20}})
	if err != nil {
		t.Fatal(err)
	}
	img := make([]byte, 0x60)
	put := func(at int, b ...byte) { copy(img[at:], b) }
	put(0x00, 0xe8, 0x03, 0, 0, 0)                // call 0x1008: counts
	put(0x05, 0xe9, 0xf6, 0x0f, 0, 0)             // jmp 0x2000: leaves the section
	put(0x0c, 0x0f, 0x84, 0xee, 0xff, 0xff, 0xff) // je 0x1000: counts
	put(0x14, 0x48, 0x8d, 0x0d, 0xe5, 0x0f, 0, 0) // lea rcx, [0x2000]: counts
	put(0x1c, 0x8b, 0x05, 0, 0, 0, 0x10)          // mov eax, [far away]
	put(0x24, 0xff, 0x15, 0xf0, 0x0f, 0, 0)       // call [0x201a]: counts
	put(0x2c, 0xe8, 0xe8, 0, 0, 0, 0)             // the first e8 leads nowhere, the second counts
	put(0x3b, 0xe8, 0, 0, 0, 0)                   // ends with the section
	got := findRel32(img, &tr, span{0, 0x40, 0x1000, 0x40}, true, 0, 0x40, nil)
	want := []reference{{0x01, 0x08}, {0x0e, 0x00}, {0x17, 0x40}, {0x26, 0x5a}, {0x2e, 0x32}}
	if !slices.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
	for _, r := range got {
		before := le32(img, r.at)
		writeRel32(img, &tr, r.at, r.target)
		if after := le32(img, r.at); after != before {
			t.Errorf("at %#x: wrote %#x, was %#x", r.at, after, before)
		}
	}
}

func TestBetween(t *testing.T) {
	var got []uint32
	l := layout{width: 8}
	l.between([]reference{{at: 2}, {at: 12}, {at: 20}, {at: 40}}, 4, 45, func(lo, hi uint32) { got = append(got, lo, hi) })
	if want := []uint32{10, 12, 28, 40}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestBranches(t *testing.T) {
	for _, c := range []struct {
		code     uint32
		kind     int
		distance int32
	}{
		{0x36000040, 0, 8},         // tbz w0, #0, +8
		{0xb7ffffe1, 0, -4},        // tbnz x1, #63, -4
		{0x54000041, 1, 8},         // b.ne +8
		{0xb4ffffe0, 1, -4},        // cbz x0, -4
		{0x35800000, 1, -1 << 20},  // cbnz w0, as far back as it goes
		{0x14000001, 2, 4},         // b +4
		{0x97ffffff, 2, -4},        // bl -4
		{0x95ffffff, 2, 1<<27 - 4}, // bl, as far as it goes
		{0x54000051, -1, 0},        // bc.ne: not known to the format
		{0xd61f0000, -1, 0},        // br x0
	} {
		kind := slices.IndexFunc(branches[:], func(b branch) bool { return b.matches(c.code) })
		if kind != c.kind {
			t.Errorf("%08x: got kind %d, want %d", c.code, kind, c.kind)
			continue
		}
		if kind < 0 {
			continue
		}
		b := &branches[kind]
		if got := b.distance(c.code); got != c.distance || !b.fits(got) {
			t.Errorf("%08x: got distance %d, want %d", c.code, got, c.distance)
		}
		if b.fits(c.distance + 1<<28) {
			t.Errorf("%08x: %d fits", c.code, c.distance+1<<28)
		}
	}
}

// Of overlapping sources the longer one keeps the shared bytes.
func TestProjection(t *testing.T) {
	p := newProjection([]equivalence{
		{src: 0, dst: 100, length: 10},
		{src: 5, dst: 200, length: 20}, // longer: cuts the first to 5
		{src: 20, dst: 300, length: 8}, // shorter: loses 5
		{src: 22, dst: 400, length: 0},
	}, 1000, 2000)
	want := []equivalence{{0, 100, 5}, {5, 200, 20}, {25, 305, 3}}
	if !slices.Equal(p.bySource, want) {
		t.Fatalf("got %v, want %v", p.bySource, want)
	}
	for offset, guess := range map[uint32]uint32{
		0: 100, 4: 104, 5: 200, 24: 219, 25: 305, 30: 310, 999: 1279, 1000: 2000, 1234: 2234, maxAddress: maxAddress - 1,
	} {
		if got := p.guess(offset); got != guess {
			t.Errorf("guess of %d: got %d, want %d", offset, got, guess)
		}
	}
	if got := p.all([]uint32{3, 6, 27, 28, 1000}); !slices.Equal(got, []uint32{103, 201, 307}) {
		t.Errorf("got %v", got)
	}
}

func TestNearest(t *testing.T) {
	pool := targetPool{10, 20, 30}
	for offset, key := range map[uint32]uint32{0: 0, 10: 0, 15: 0, 16: 1, 25: 1, 26: 2, 99: 2} {
		if got := pool.nearest(offset); got != key {
			t.Errorf("%d: got %d, want %d", offset, got, key)
		}
	}
	if got := (targetPool{}).nearest(5); got != 0 {
		t.Errorf("empty pool: got %d", got)
	}
}

func TestEqualBytes(t *testing.T) {
	for _, c := range []struct {
		a, b uint64
		want int
	}{
		{0, 0, 8},
		{0, 1, 7},
		{0x8000000000000000, 0, 7},
		{0x0102030405060708, 0x0182038405860788, 4},
		{0, ^uint64(0), 0},
	} {
		if got := equalBytes(c.a, c.b); got != c.want {
			t.Errorf("%#x, %#x: got %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
