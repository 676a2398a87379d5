package main

import (
	"image/color"
	"testing"

	"golang.org/x/image/font/gofont/gomono"
)

// A frame becomes a picture of its size: blocks in their colours, a wide
// character over two columns, and what no font has named.
func TestFrameToPicture(t *testing.T) {
	rows := parse([]byte("\x1b[31m█\x1b[0m日\x1b[7m \x1b[0m\n\x1b[38;2;1;2;3m█\x1b[m\n"))
	fonts := load(nil, gomono.TTF, 16)
	l := newLayout(rows, 10, fonts[0].fc)
	if l.cols != 10 || l.rows != 2 || len(rows[0]) != 4 {
		t.Fatalf("laid out as %+v, the first row as %+v", l, rows[0])
	}
	d := newDrawing(l, fonts, fonts)
	d.rows(rows)
	d.cursor(9, 1)
	middle := func(x, y int) color.Color {
		at := l.at(x, y, 1)
		return d.img.At((at.Min.X+at.Max.X)/2, (at.Min.Y+at.Max.Y)/2)
	}
	foot := l.at(9, 1, 1).Max
	for what, c := range map[string][2]color.Color{
		"red":           {middle(0, 0), hex(base16[1])},
		"reversed":      {middle(3, 0), foreground},
		"a true colour": {middle(0, 1), color.RGBA{1, 2, 3, 255}},
		"padding":       {middle(9, 0), background},
		"the cursor":    {d.img.At(foot.X-1, foot.Y-1), cursorColor},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: got %v, want %v", what, c[0], c[1])
		}
	}
	if len(d.missing) != 1 || d.missing[0] != "U+65E5" {
		t.Errorf("missing: %v, want U+65E5", d.missing)
	}
}
