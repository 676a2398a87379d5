// ansi2png turns a captured terminal frame (text + SGR escapes, one line per
// row, as `tmux capture-pane -e -p` prints it) into a PNG. Pure Go: no browser,
// no X server. Box drawing, blocks, shades and braille are drawn as geometry so
// that frames join; other glyphs come from the first font that has them.
//
// A frame is parsed into rows of cells, laid out by the size of a letter, and
// drawn cell by cell.
package main

import (
	"errors"
	"flag"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"strings"

	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
)

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

	text, err := read(*in)
	if err != nil {
		die(err)
	}
	rows := parse(text)
	regular := load(append(strings.Split(*fonts, ","), strings.Split(*extra, ",")...), gomono.TTF, *px)
	bold := load(append(strings.Split(*bfonts, ","), strings.Split(*extra, ",")...), gomonobold.TTF, *px)
	l := newLayout(rows, *cols, regular[0].fc)
	d := newDrawing(l, regular, bold)
	d.rows(rows)
	if x, y := 0, 0; *cur != "" {
		if _, err := fmt.Sscanf(*cur, "%d,%d", &x, &y); err != nil {
			die(fmt.Errorf("-cursor %q: want x,y: %w", *cur, err))
		}
		d.cursor(x, y)
	}
	if err := write(*out, d.img); err != nil {
		die(err)
	}
	if len(d.missing) > 0 {
		fmt.Fprintln(os.Stderr, "no glyph for:", strings.Join(d.missing, " "))
	}
	fmt.Printf("%s %dx%d cells=%dx%d\n", *out, d.img.Bounds().Dx(), d.img.Bounds().Dy(), l.cols, l.rows)
}

func die(err error) {
	fmt.Fprintln(os.Stderr, "ansi2png: error:", err)
	os.Exit(1)
}

func read(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(path)
}

func write(path string, img image.Image) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(f, img), f.Close())
}
