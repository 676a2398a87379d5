// ansi2png turns a captured terminal frame (text + SGR escapes, one line per
// row, as `tmux capture-pane -e -p` prints it) into a PNG. Pure Go: no browser,
// no X server. Box drawing, blocks, shades and braille are drawn as geometry so
// that frames join; other glyphs come from the first font that has them.
package main

import (
	"flag"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"io"
	"os"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

var (
	base16       = []string{"1e1e2e", "f38ba8", "a6e3a1", "f9e2af", "89b4fa", "cba6f7", "94e2d5", "cdd6f4", "6c7086", "ff8fa8", "b9f5b4", "ffe9b8", "9fc4ff", "dbbcff", "a8f0e4", "ffffff"}
	deffg, defbg = hex("cdd6f4"), hex("1e1e2e")
)

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
