package bsdiff

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

func noise(seed uint64, n int) []byte {
	rng := rand.New(rand.NewPCG(seed, 0))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// relocations returns a table as .rela.dyn: place, type and addend of each
// symbol. Any two of its rows differ in a few bytes only.
func relocations(rows int) []byte {
	rng := rand.New(rand.NewPCG(9, 9))
	var b []byte
	addend := uint64(0x412340)
	for i := range rows {
		b = binary.LittleEndian.AppendUint64(b, 0x8f3010+uint64(i)*8)
		b = binary.LittleEndian.AppendUint64(b, 8)
		b = binary.LittleEndian.AppendUint64(b, addend)
		addend += 16 * (1 + rng.Uint64N(3))
	}
	return b
}

// Six rows are gone from the middle of a table. Behind the cut the former
// alignment differs in so few bytes that it is no gap, but in each row.
const (
	tableRow  = 24
	tableCut  = 2000 * tableRow
	tableGone = 6 * tableRow
)

func cutTable() (old, new []byte) {
	old = relocations(5006)
	return old, slices.Concat(old[:tableCut], old[tableCut+tableGone:])
}

func TestTableIsAligned(t *testing.T) {
	old, new := cutTable()
	p, err := Diff(old, new, Options{})
	if err != nil {
		t.Fatal(err)
	}
	aligned, newPos, oldPos := 0, 0, 0
	for _, step := range p.Control {
		end := newPos + int(step.Add)
		switch oldPos - newPos {
		case 0:
			aligned += max(0, min(end, tableCut)-newPos)
		case tableGone:
			aligned += max(0, end-max(newPos, tableCut))
		}
		newPos = end + int(step.Insert)
		oldPos += int(step.Add + step.Seek)
	}
	if aligned < len(new)*98/100 {
		t.Errorf("%d of %d bytes lie where they came from, want nearly all; control: %v", aligned, len(new), p.Control)
	}
}

// A scan may leave the right alignment of a table early; choose goes on in it.
func TestAlignmentInTheRaceLivesOn(t *testing.T) {
	old, new := cutTable()
	d := &differ{old: old, new: new}
	got := d.choose(0, len(new), []span{{lo: 0, hi: len(new), off: 0}, {lo: tableCut, hi: tableCut + 100*tableRow, off: tableGone}})
	if last := got[len(got)-1]; last.off != tableGone || last.hi != len(new) || len(got) != 2 {
		t.Errorf("got %v, want the first alignment until %d and the second from there on", got, tableCut)
	}
}

// What repeats leaves room in its bucket.
func TestTableKeepsRoomForOthers(t *testing.T) {
	table := newTable(1000, nil)
	const often, once = 7<<40 | 1, 7<<40 | 2
	for pos := range 10 {
		table.put(often, pos)
	}
	table.put(once, 10)
	table.flush()
	var got []int
	for _, h := range []uint64{often, once} {
		for _, v := range table.bucket(h) {
			if pos, ok := position(v, h); ok {
				got = append(got, pos)
			}
		}
	}
	if want := []int{0, 1, 9, 10}; !slices.Equal(got, want) {
		t.Errorf("got positions %v, want %v", got, want)
	}
}
