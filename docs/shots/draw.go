package main

import (
	"fmt"
	"image"
	"image/color"
	"slices"

	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
)

// base16 are the colours that a terminal names, in a dark theme.
var base16 = []string{"1e1e2e", "f38ba8", "a6e3a1", "f9e2af", "89b4fa", "cba6f7", "94e2d5", "cdd6f4", "6c7086", "ff8fa8", "b9f5b4", "ffe9b8", "9fc4ff", "dbbcff", "a8f0e4", "ffffff"}

var (
	foreground  = hex("cdd6f4") // where a cell names no colour
	background  = hex("1e1e2e")
	cursorColor = hex("f5e0dc")
)

// drawing is a picture that cells are drawn into.
type drawing struct {
	layout
	img           *image.RGBA
	regular, bold []face
	missing       []string // characters that no font has, each once
}

func newDrawing(l layout, regular, bold []face) *drawing {
	d := &drawing{layout: l, img: image.NewRGBA(l.bounds()), regular: regular, bold: bold}
	rect(d.img, d.img.Bounds(), background)
	return d
}

func (d *drawing) rows(rows [][]cell) {
	for y, r := range rows {
		for x, c := range r {
			if c.w > 0 { // the others are the rest of a wide one
				d.cell(c, d.at(x, y, c.w))
			}
		}
	}
}

func (d *drawing) cell(c cell, at image.Rectangle) {
	fg, bg := c.st.colors()
	rect(d.img, at, bg)
	first := []rune(c.s)[0]
	if !c.st.hide && c.s != " " && !geom(d.img, first, at, fg, bg) {
		d.glyph(c, first, at, fg, bg)
	}
	line := func(y int) { rect(d.img, image.Rect(at.Min.X, y, at.Max.X, y+1), fg) }
	if c.st.under {
		line(at.Min.Y + d.ascent + 2)
	}
	if c.st.strike {
		line(at.Min.Y + d.height/2)
	}
}

// colors are what a style comes to on the screen.
func (s style) colors() (fg, bg color.Color) {
	fg, bg = s.fg, s.bg
	if fg == nil {
		fg = foreground
	}
	if bg == nil {
		bg = background
	}
	if s.rev {
		fg, bg = bg, fg
	}
	if s.dim {
		fg = mix(fg, bg, 0.45)
	}
	return fg, bg
}

// glyph draws by the first font that has the character; where none has, an
// empty box stands for it.
func (d *drawing) glyph(c cell, first rune, at image.Rectangle, fg, bg color.Color) {
	faces := d.regular
	if c.st.bold {
		faces = d.bold
	}
	for _, f := range faces {
		if i, err := f.f.GlyphIndex(nil, first); err != nil || i == 0 {
			continue
		}
		pen := font.Drawer{Dst: d.img, Src: image.NewUniform(fg), Face: f.fc, Dot: fixed.P(at.Min.X, at.Min.Y+d.ascent)}
		pen.DrawString(c.s)
		return
	}
	rect(d.img, at.Inset(2), fg)
	rect(d.img, at.Inset(3), bg)
	if name := fmt.Sprintf("U+%04X", first); !slices.Contains(d.missing, name) {
		d.missing = append(d.missing, name)
	}
}

// cursor draws a bar at the foot of a cell.
func (d *drawing) cursor(x, y int) {
	at := d.at(x, y, 1)
	rect(d.img, image.Rect(at.Min.X, at.Max.Y-3, at.Max.X, at.Max.Y), cursorColor)
}
