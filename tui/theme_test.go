package tui

import (
	"fmt"
	"image/color"
	"math"
	"regexp"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

var toneNames = map[tone]string{quiet: "quiet", good: "good", busy: "busy", bad: "bad", warn: "warn", need: "need", head: "head"}

var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

// tagged is a frame with its styles readable: «bad»✗ FAIL«». A style that is
// no tone's keeps its numbers.
func tagged(l Look, frame []string) string {
	names := map[string]string{"\x1b[m": "", "\x1b[0m": ""}
	for t, name := range toneNames {
		begin, _, _ := strings.Cut(l.style(t).Render("x"), "x")
		names[begin] = name
	}
	var b strings.Builder
	for _, line := range frame {
		b.WriteString(sgr.ReplaceAllStringFunc(line, func(s string) string {
			name, ok := names[s]
			if !ok {
				name = strings.Trim(s, "\x1b[m")
			}
			return "«" + name + "»"
		}) + "\n")
	}
	return b.String()
}

// Every theme gives the same words the same tones; the goldens of dark hold
// for light, and so the palettes below are all that is left to judge.
func TestThemesDifferInHueOnly(t *testing.T) {
	dark, light := Look{Color: true}, Look{Color: true, Light: true}
	for name, keys := range visits {
		a, b := sit(dark, 120, 36, newFake(40)), sit(light, 120, 36, newFake(40))
		a.press(keys...)
		b.press(keys...)
		if a, b := tagged(dark, a.Frame()), tagged(light, b.Frame()); a != b {
			t.Errorf("%s: dark:\n%s\nlight:\n%s", name, a, b)
		}
	}
}

// xterm and VGA are the palettes of 16 colours farthest apart that are in use:
// xterm(1)'s defaults and the Linux console's.
var (
	xterm = [16]uint32{
		0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
		0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
	}
	vga = [16]uint32{
		0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa,
		0x555555, 0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff,
	}
)

// Text in every tone is readable: 4.5:1 is what WCAG 2.1 asks of text (success
// criterion 1.4.3).
func TestContrast(t *testing.T) {
	const want = 4.5
	for _, x := range []struct {
		name  string
		theme theme
		on    []uint32 // the usual backgrounds
	}{
		// Black, VS Code, Dracula, Solarized dark, Nord.
		{"dark", onDark, []uint32{0x000000, 0x1e1e1e, 0x282a36, 0x002b36, 0x2e3440}},
		// White, Solarized light and its highlight, Catppuccin latte.
		{"light", onLight, []uint32{0xffffff, 0xfdf6e3, 0xeee8d5, 0xeff1f5}},
		{"16 on dark", sixteenOnDark, []uint32{0x000000}},
		{"16 on light", sixteenOnLight, []uint32{0xffffff}},
	} {
		for tone, hue := range x.theme {
			for _, rgb := range rgbOf(t, hue) {
				for _, ground := range x.on {
					if got := contrast(rgb, ground); got < want {
						t.Errorf("%s: %s is #%06x, on #%06x %.2f:1, want %.1f:1", x.name, toneNames[tone], rgb, ground, got, want)
					}
				}
			}
		}
	}
}

// No two tones of a theme share a colour: what failed never looks like what is
// under way.
func TestTonesDiffer(t *testing.T) {
	for i, p := range []theme{onDark, onLight, sixteenOnDark, sixteenOnLight} {
		seen := map[color.Color]tone{}
		for tone, hue := range p {
			if other, ok := seen[hue]; ok {
				t.Errorf("theme %d: %s and %s are both %v", i, toneNames[tone], toneNames[other], hue)
			}
			seen[hue] = tone
		}
	}
}

// Each tone has the hue that people expect of it, in every theme: goldens name
// tones, and could not tell green from red.
func TestHues(t *testing.T) {
	hue := map[tone]func(r, g, b uint32) bool{
		quiet: func(r, g, b uint32) bool { return r == g && g == b },
		good:  func(r, g, b uint32) bool { return g > r && g > b },
		busy:  func(r, g, b uint32) bool { return b >= g && g >= r && b > r }, // blue to cyan
		bad:   func(r, g, b uint32) bool { return r > g && g == b },
		warn:  func(r, g, b uint32) bool { return r >= g && g > b },
		need:  func(r, g, b uint32) bool { return r > g && b > g },
	}
	for i, x := range []theme{onDark, onLight, sixteenOnDark, sixteenOnLight} {
		for tone, c := range x {
			for _, rgb := range rgbOf(t, c) {
				if !hue[tone](rgb>>16, rgb>>8&0xff, rgb&0xff) {
					t.Errorf("theme %d: #%06x is not the hue of %s", i, rgb, toneNames[tone])
				}
			}
		}
	}
}

// The terminal tells how many colours it has and what lies behind them.
func TestTerminalChoosesTheTheme(t *testing.T) {
	s := sit(Look{Color: true}, 120, 36, newFake(5))
	for _, step := range []struct {
		msg  tea.Msg
		want Look
	}{
		{tea.ColorProfileMsg{Profile: colorprofile.ANSI256}, Look{Color: true}},
		{tea.BackgroundColorMsg{Color: color.White}, Look{Color: true, Light: true}},
		{tea.ColorProfileMsg{Profile: colorprofile.ANSI}, Look{Color: true, Light: true, Sixteen: true}},
		{tea.BackgroundColorMsg{Color: color.Black}, Look{Color: true, Sixteen: true}},
	} {
		s.Update(step.msg)
		if s.look != step.want {
			t.Errorf("after %T: %+v, want %+v", step.msg, s.look, step.want)
		}
	}
}

// T goes through all themes and comes back.
func TestThemeKey(t *testing.T) {
	s := sit(Look{Color: true}, 120, 36, newFake(5))
	var seen []string
	for range 6 {
		seen = append(seen, fmt.Sprintf("%+v", s.look))
		s.press("T")
	}
	for i, a := range seen[:5] {
		for _, b := range seen[i+1 : 5] {
			if a == b {
				t.Errorf("twice the same theme: %s", a)
			}
		}
	}
	if seen[5] != seen[0] {
		t.Errorf("after all themes: %s, want %s", seen[5], seen[0])
	}
}

// rgbOf are the values a colour may have: one, or one for each known palette.
func rgbOf(t *testing.T, c color.Color) []uint32 {
	t.Helper()
	switch c := c.(type) {
	case ansi.BasicColor:
		return []uint32{xterm[c], vga[c]}
	case ansi.IndexedColor:
		r, g, b, _ := c.RGBA()
		return []uint32{r>>8<<16 | g>>8<<8 | b>>8}
	}
	t.Fatalf("%T: no colour of a terminal", c)
	return nil
}

// contrast is WCAG's ratio of two colours, from 1 to 21.
func contrast(a, b uint32) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// luminance is WCAG's relative luminance of an sRGB colour.
func luminance(rgb uint32) float64 {
	part := func(shift uint) float64 {
		v := float64(rgb>>shift&0xff) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}
