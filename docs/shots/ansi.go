package main

import (
	"bytes"
	"image/color"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
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
