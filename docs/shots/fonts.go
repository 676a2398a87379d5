package main

import (
	"os"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
)

type face struct {
	f  *sfnt.Font
	fc font.Face
}

// load reads the fonts that there are, in the order in which glyphs are looked for.
// One that is not installed is passed over: the fallback draws letters anyhow.
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
