package main

import (
	"image"

	"golang.org/x/image/font"
)

// layout says where each cell of a frame lies in the picture.
type layout struct {
	cols, rows    int
	width, height int // of a cell, in pixels
	ascent        int // from the top of a cell to the line that letters stand on
}

// newLayout makes cells as large as a letter of the face, and the picture at
// least so many columns wide.
func newLayout(rows [][]cell, cols int, face font.Face) layout {
	m := face.Metrics()
	advance, _ := face.GlyphAdvance('M')
	l := layout{cols: cols, rows: len(rows), width: advance.Round(), height: (m.Ascent + m.Descent).Ceil() + 1, ascent: m.Ascent.Ceil()}
	for _, r := range rows {
		l.cols = max(l.cols, len(r))
	}
	return l
}

// margin is around the picture: a column's width.
func (l layout) margin() int { return l.width }

func (l layout) bounds() image.Rectangle {
	return image.Rect(0, 0, l.cols*l.width+2*l.margin(), l.rows*l.height+2*l.margin())
}

// at is the place of what stands at a column and row, so many columns wide.
func (l layout) at(x, y, wide int) image.Rectangle {
	left, top := l.margin()+x*l.width, l.margin()+y*l.height
	return image.Rect(left, top, left+wide*l.width, top+l.height)
}
