package main

import (
	"image"
	"image/color"
	"image/draw"
	"strings"
)

// box drawing: bits of left,up,right,down: 0 none 1 light 2 heavy
var box = map[rune][4]int{'─': {1, 0, 1, 0}, '━': {2, 0, 2, 0}, '│': {0, 1, 0, 1}, '┃': {0, 2, 0, 2}, '┌': {0, 0, 1, 1}, '┐': {1, 0, 0, 1}, '└': {0, 1, 1, 0}, '┘': {1, 1, 0, 0}, '├': {0, 1, 1, 1}, '┤': {1, 1, 0, 1}, '┬': {1, 0, 1, 1}, '┴': {1, 1, 1, 0}, '┼': {1, 1, 1, 1}, '╭': {0, 0, 1, 1}, '╮': {1, 0, 0, 1}, '╰': {0, 1, 1, 0}, '╯': {1, 1, 0, 0}, '┏': {0, 0, 2, 2}, '┓': {2, 0, 0, 2}, '┗': {0, 2, 2, 0}, '┛': {2, 2, 0, 0}, '┣': {0, 2, 2, 2}, '┫': {2, 2, 0, 2}, '┳': {2, 0, 2, 2}, '┻': {2, 2, 2, 0}, '╋': {2, 2, 2, 2}, '╴': {1, 0, 0, 0}, '╵': {0, 1, 0, 0}, '╶': {0, 0, 1, 0}, '╷': {0, 0, 0, 1}, '╸': {2, 0, 0, 0}, '╺': {0, 0, 2, 0}}

func rect(img *image.RGBA, r image.Rectangle, c color.Color) {
	draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
}

func mix(a, b color.Color, t float64) color.Color {
	r1, g1, b1, _ := a.RGBA()
	r2, g2, b2, _ := b.RGBA()
	f := func(x, y uint32) uint8 { return uint8((float64(x)*(1-t) + float64(y)*t) / 257) }
	return color.RGBA{f(r1, r2), f(g1, g2), f(b1, b2), 255}
}

func geom(img *image.RGBA, r rune, rc image.Rectangle, fg, bg color.Color) bool {
	w, h := rc.Dx(), rc.Dy()
	switch {
	case r == '█':
		rect(img, rc, fg)
	case r >= '▁' && r <= '▇': // lower n/8
		rect(img, image.Rect(rc.Min.X, rc.Max.Y-h*int(r-'▁'+1)/8, rc.Max.X, rc.Max.Y), fg)
	case r >= '▉' && r <= '▏': // left n/8
		rect(img, image.Rect(rc.Min.X, rc.Min.Y, rc.Min.X+w*int('▏'-r+1)/8, rc.Max.Y), fg)
	case r == '▀':
		rect(img, image.Rect(rc.Min.X, rc.Min.Y, rc.Max.X, rc.Min.Y+h/2), fg)
	case r == '▐':
		rect(img, image.Rect(rc.Min.X+w/2, rc.Min.Y, rc.Max.X, rc.Max.Y), fg)
	case r == '░':
		rect(img, rc, mix(fg, bg, 0.75))
	case r == '▒':
		rect(img, rc, mix(fg, bg, 0.5))
	case r == '▓':
		rect(img, rc, mix(fg, bg, 0.25))
	case r >= 0x2800 && r <= 0x28FF:
		bits := int(r - 0x2800)
		pos := [8][2]int{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}, {0, 3}, {1, 3}}
		for i, p := range pos {
			if bits&(1<<i) != 0 {
				x, y := rc.Min.X+w*(2*p[0]+1)/4-1, rc.Min.Y+h*(2*p[1]+1)/8-1
				rect(img, image.Rect(x, y, x+2, y+2), fg)
			}
		}
	default:
		b, ok := box[r]
		if !ok {
			return false
		}
		mx, my := rc.Min.X+w/2, rc.Min.Y+h/2
		th := func(k int) int { return k } // thickness in px
		if k := th(b[0]); k > 0 {
			rect(img, image.Rect(rc.Min.X, my-(k-1), mx+1, my+1), fg)
		}
		if k := th(b[2]); k > 0 {
			rect(img, image.Rect(mx, my-(k-1), rc.Max.X, my+1), fg)
		}
		if k := th(b[1]); k > 0 {
			rect(img, image.Rect(mx-(k-1), rc.Min.Y, mx+1, my+1), fg)
		}
		if k := th(b[3]); k > 0 {
			rect(img, image.Rect(mx-(k-1), my, mx+1, rc.Max.Y), fg)
		}
		if strings.ContainsRune("╭╮╰╯", r) { // soften the corner
			img.Set(mx, my, bg)
		}
	}
	return true
}
