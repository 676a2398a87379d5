package xz

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// calls returns code with calls of few targets, or over few distances.
func calls(distances bool) []byte {
	rnd := rand.New(rand.NewPCG(5, 6))
	code := make([]byte, 64<<10)
	for i := range code {
		code[i] = byte(rnd.IntN(0xE0))
	}
	for at := 0; at+16 < len(code); at += 16 {
		to := rnd.IntN(50) * 4096
		if !distances {
			to -= at + 5
		}
		code[at] = 0xE8
		binary.LittleEndian.PutUint32(code[at+1:], uint32(to))
	}
	return code
}

// The filter is advised just where it makes the stream smaller.
func TestTargetsRepeat(t *testing.T) {
	for name, c := range map[string]struct {
		src  []byte
		want bool
	}{
		"targets":   {calls(false), true},
		"distances": {calls(true), false},
		"text":      {samples()["text"], false},
		"nothing":   {nil, false},
	} {
		before := bytes.Clone(c.src)
		if got := TargetsRepeat(c.src); got != c.want || !bytes.Equal(c.src, before) {
			t.Errorf("%s: got %v, want %v, and the input as it was", name, got, c.want)
		}
		plain, err := Encode(c.src, Options{})
		if err != nil {
			t.Fatal(err)
		}
		filtered, err := Encode(c.src, Options{BCJ: X86})
		if err != nil {
			t.Fatal(err)
		}
		if c.want != (len(filtered) < len(plain)) {
			t.Errorf("%s: filtered %d bytes, plain %d", name, len(filtered), len(plain))
		}
	}
}

// Pieces give the bytes of one file, whoever reads them, each by its options.
func TestEncodePieces(t *testing.T) {
	s := samples()
	pieces := []Piece{
		{s["sparse"], Options{Nice: 273, Contexts: Contexts{LC: 2}}},
		{nil, Options{}},
		{s["code"], Options{BCJ: X86}},
		{s["text"], Options{BlockSize: 40_000}},
	}
	want := bytes.Join([][]byte{s["sparse"], s["code"], s["text"]}, nil)
	stream, err := EncodePieces(pieces, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Decode(stream, int64(len(want))); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("decoded %d bytes of %d, %v", len(got), len(want), err)
	}
	if got := run(t, stream, "xz", "-dc"); !bytes.Equal(got, want) {
		t.Fatal("xz decodes to other bytes")
	}
	if again, _ := EncodePieces(pieces, 3); !bytes.Equal(again, stream) {
		t.Error("three workers make other bytes than one")
	}
	info, err := Inspect(stream)
	if err != nil || len(info.Blocks) != 2+(len(s["text"])+39_999)/40_000 {
		t.Fatalf("%d blocks, %v", len(info.Blocks), err)
	}
	if filters := info.Blocks[1].Filters; len(filters) != 2 || FilterName(filters[0]) != "x86" {
		t.Errorf("the second piece's filters are %v", filters)
	}
	pieces[1].Options.Nice = 1
	if _, err := EncodePieces(pieces, 1); err == nil {
		t.Error("options of a piece were not checked")
	}
}
