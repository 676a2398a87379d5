// ansi2png turns a captured terminal frame (text + SGR escapes, one line per
// row, as `tmux capture-pane -e -p` prints it) into a PNG. Pure Go: no browser,
// no X server. Box drawing, blocks, shades and braille are drawn as geometry so
// that frames join; other glyphs come from the first font that has them.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

type style struct {
	fg, bg                                    color.Color
	bold, dim, ital, under, rev, strike, hide bool
}
type cell struct {
	s  string
	w  int
	st style
}

var (
	base16       = []string{"1e1e2e", "f38ba8", "a6e3a1", "f9e2af", "89b4fa", "cba6f7", "94e2d5", "cdd6f4", "6c7086", "ff8fa8", "b9f5b4", "ffe9b8", "9fc4ff", "dbbcff", "a8f0e4", "ffffff"}
	deffg, defbg = hex("cdd6f4"), hex("1e1e2e")
)

func hex(s string) color.RGBA {
	v, _ := strconv.ParseUint(s, 16, 32)
	return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255}
}

func idx(n int) color.Color {
	switch {
	case n < 16:
		return hex(base16[n])
	case n < 232:
		n -= 16
		l := []uint8{0, 95, 135, 175, 215, 255}
		return color.RGBA{l[n/36], l[n/6%6], l[n%6], 255}
	}
	g := uint8(8 + (n-232)*10)
	return color.RGBA{g, g, g, 255}
}

func sgr(st *style, p string) {
	f := strings.FieldsFunc(p, func(r rune) bool { return r == ';' || r == ':' })
	if len(f) == 0 {
		*st = style{}
		return
	}
	for i := 0; i < len(f); i++ {
		n, _ := strconv.Atoi(f[i])
		switch {
		case n == 0:
			*st = style{}
		case n == 1:
			st.bold = true
		case n == 2:
			st.dim = true
		case n == 3:
			st.ital = true
		case n == 4:
			st.under = true
		case n == 7:
			st.rev = true
		case n == 8:
			st.hide = true
		case n == 9:
			st.strike = true
		case n == 22:
			st.bold, st.dim = false, false
		case n == 23:
			st.ital = false
		case n == 24:
			st.under = false
		case n == 27:
			st.rev = false
		case n == 28:
			st.hide = false
		case n == 29:
			st.strike = false
		case n >= 30 && n <= 37:
			st.fg = idx(n - 30)
		case n >= 90 && n <= 97:
			st.fg = idx(n - 82)
		case n == 39:
			st.fg = nil
		case n >= 40 && n <= 47:
			st.bg = idx(n - 40)
		case n >= 100 && n <= 107:
			st.bg = idx(n - 92)
		case n == 49:
			st.bg = nil
		case n == 38 || n == 48:
			var c color.Color
			if i+2 < len(f) && f[i+1] == "5" {
				k, _ := strconv.Atoi(f[i+2])
				c = idx(k)
				i += 2
			} else if i+4 < len(f) && f[i+1] == "2" {
				r, _ := strconv.Atoi(f[i+2])
				g, _ := strconv.Atoi(f[i+3])
				b, _ := strconv.Atoi(f[i+4])
				c = color.RGBA{uint8(r), uint8(g), uint8(b), 255}
				i += 4
			}
			if n == 38 {
				st.fg = c
			} else {
				st.bg = c
			}
		}
	}
}

func parse(in []byte) (rows [][]cell) {
	var st style
	for _, line := range bytes.Split(bytes.TrimSuffix(in, []byte("\n")), []byte("\n")) {
		var row []cell
		var state byte
		for len(line) > 0 {
			seq, w, n, ns := ansi.DecodeSequence(line, state, nil)
			state = ns
			line = line[n:]
			s := string(seq)
			switch {
			case w > 0:
				row = append(row, cell{s, w, st})
				for k := 1; k < w; k++ {
					row = append(row, cell{"", 0, st})
				}
			case strings.HasPrefix(s, "\x1b[") && strings.HasSuffix(s, "m"):
				sgr(&st, s[2:len(s)-1])
			}
		}
		rows = append(rows, row)
	}
	return
}

type face struct {
	f  *sfnt.Font
	fc font.Face
}

func load(paths []string, fallback []byte, px float64) (out []face) {
	add := func(b []byte) {
		fs, err := opentype.ParseCollection(b)
		if err != nil {
			return
		}
		f, err := fs.Font(0)
		if err != nil {
			return
		}
		fc, err := opentype.NewFace(f, &opentype.FaceOptions{Size: px, DPI: 72, Hinting: font.HintingFull})
		if err == nil {
			out = append(out, face{f, fc})
		}
	}
	for _, p := range paths {
		if b, err := os.ReadFile(p); err == nil {
			add(b)
		}
	}
	add(fallback)
	return
}

// box drawing: bits of left,up,right,down: 0 none 1 light 2 heavy
var box = map[rune][4]int{'─': {1, 0, 1, 0}, '━': {2, 0, 2, 0}, '│': {0, 1, 0, 1}, '┃': {0, 2, 0, 2}, '┌': {0, 0, 1, 1}, '┐': {1, 0, 0, 1}, '└': {0, 1, 1, 0}, '┘': {1, 1, 0, 0}, '├': {0, 1, 1, 1}, '┤': {1, 1, 0, 1}, '┬': {1, 0, 1, 1}, '┴': {1, 1, 1, 0}, '┼': {1, 1, 1, 1}, '╭': {0, 0, 1, 1}, '╮': {1, 0, 0, 1}, '╰': {0, 1, 1, 0}, '╯': {1, 1, 0, 0}, '┏': {0, 0, 2, 2}, '┓': {2, 0, 0, 2}, '┗': {0, 2, 2, 0}, '┛': {2, 2, 0, 0}, '┣': {0, 2, 2, 2}, '┫': {2, 2, 0, 2}, '┳': {2, 0, 2, 2}, '┻': {2, 2, 2, 0}, '╋': {2, 2, 2, 2}, '╴': {1, 0, 0, 0}, '╵': {0, 1, 0, 0}, '╶': {0, 0, 1, 0}, '╷': {0, 0, 0, 1}, '╸': {2, 0, 0, 0}, '╺': {0, 0, 2, 0}}

func main() {
	in := flag.String("in", "-", "captured frame ('-' = stdin)")
	out := flag.String("out", "frame.png", "PNG to write")
	px := flag.Float64("px", 16, "font size in pixels")
	cols := flag.Int("cols", 0, "pad to this many columns")
	cur := flag.String("cursor", "", "draw cursor at x,y")
	fonts := flag.String("font", "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf", "comma list of fonts")
	bfonts := flag.String("bold", "/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf", "comma list of bold fonts")
	extra := flag.String("fallback", "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf,/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc,/usr/share/fonts/truetype/wqy/wqy-microhei.ttc,/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf", "fallback fonts")
	flag.Parse()
	var b []byte
	var err error
	if *in == "-" {
		b, err = io.ReadAll(os.Stdin)
	} else {
		b, err = os.ReadFile(*in)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	rows := parse(b)
	reg := load(append(strings.Split(*fonts, ","), strings.Split(*extra, ",")...), gomono.TTF, *px)
	bold := load(append(strings.Split(*bfonts, ","), strings.Split(*extra, ",")...), gomonobold.TTF, *px)
	m := reg[0].fc.Metrics()
	adv, _ := reg[0].fc.GlyphAdvance('M')
	cw, ch := adv.Round(), (m.Ascent+m.Descent).Ceil()+1
	asc := m.Ascent.Ceil()
	W := *cols
	for _, r := range rows {
		W = max(W, len(r))
	}
	pad := cw
	img := image.NewRGBA(image.Rect(0, 0, W*cw+2*pad, len(rows)*ch+2*pad))
	draw.Draw(img, img.Bounds(), image.NewUniform(defbg), image.Point{}, draw.Src)
	missing := map[rune]bool{}
	for y, r := range rows {
		for x, c := range r {
			if c.w == 0 {
				continue
			}
			fg, bg := c.st.fg, c.st.bg
			if fg == nil {
				fg = deffg
			}
			if bg == nil {
				bg = defbg
			}
			if c.st.rev {
				fg, bg = bg, fg
			}
			if c.st.dim {
				fg = mix(fg, bg, 0.45)
			}
			X, Y := pad+x*cw, pad+y*ch
			rc := image.Rect(X, Y, X+cw*c.w, Y+ch)
			draw.Draw(img, rc, image.NewUniform(bg), image.Point{}, draw.Src)
			ru := []rune(c.s)
			if !c.st.hide && c.s != " " && !geom(img, ru[0], rc, fg, bg) {
				set := reg
				if c.st.bold {
					set = bold
				}
				drawn := false
				for _, f := range set {
					gi, _ := f.f.GlyphIndex(nil, ru[0])
					if gi == 0 {
						continue
					}
					d := font.Drawer{Dst: img, Src: image.NewUniform(fg), Face: f.fc, Dot: fixed.P(X, Y+asc)}
					d.DrawString(c.s)
					drawn = true
					break
				}
				if !drawn {
					missing[ru[0]] = true
					rect(img, rc.Inset(2), fg)
					rect(img, rc.Inset(3), bg)
				}
			}
			if c.st.under {
				rect(img, image.Rect(X, Y+asc+2, X+cw*c.w, Y+asc+3), fg)
			}
			if c.st.strike {
				rect(img, image.Rect(X, Y+ch/2, X+cw*c.w, Y+ch/2+1), fg)
			}
		}
	}
	var cx, cy int
	if n, _ := fmt.Sscanf(*cur, "%d,%d", &cx, &cy); n == 2 {
		rc := image.Rect(pad+cx*cw, pad+cy*ch, pad+(cx+1)*cw, pad+(cy+1)*ch)
		rect(img, image.Rect(rc.Min.X, rc.Max.Y-3, rc.Max.X, rc.Max.Y), hex("f5e0dc"))
	}
	w, err := os.Create(*out)
	if err == nil {
		err = png.Encode(w, img)
		w.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if len(missing) > 0 {
		var s []string
		for r := range missing {
			s = append(s, fmt.Sprintf("U+%04X", r))
		}
		fmt.Fprintln(os.Stderr, "no glyph for:", strings.Join(s, " "))
	}
	fmt.Printf("%s %dx%d cells=%dx%d\n", *out, img.Bounds().Dx(), img.Bounds().Dy(), W, len(rows))
}

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
