package main

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var sgr = regexp.MustCompile(`\x1b\[([0-9;]*)m`)

// colourKinds are the kinds of colours that bytes for a terminal ask for: of 8,
// of 16, of 256, or any. Bold and reverse are no colours.
func colourKinds(raw string) string {
	kinds := map[string]bool{}
	for _, m := range sgr.FindAllStringSubmatch(raw, -1) {
		codes := strings.Split(m[1], ";")
		for i := 0; i < len(codes); i++ {
			switch n, _ := strconv.Atoi(codes[i]); {
			case (n == 38 || n == 48) && i+1 < len(codes) && codes[i+1] == "5":
				kinds["256"], i = true, i+2
			case n == 38 || n == 48:
				kinds["any"], i = true, i+4
			case n >= 30 && n <= 37 || n >= 40 && n <= 47:
				kinds["8"] = true
			case n >= 90 && n <= 97 || n >= 100 && n <= 107:
				kinds["16"] = true
			}
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(kinds)), " ")
}

func checkNoColour(t *testing.T, dir string) {
	x := openTerminal(t, dir, 120, 36)
	for _, way := range [][2]string{{"NO_COLOR=1", onTheRun}, {"A=1", onTheRun + " --color=never"}, {"CLICOLOR=0", onTheRun}} {
		raw := x.record()
		x.console(way[0], way[1])
		if kinds := colourKinds(raw()); kinds != "" {
			t.Errorf("%v: colours of %s", way, kinds)
		}
		if s := x.screen(); !strings.Contains(s, "✓ 1/1") || !strings.Contains(s, "DONE") {
			t.Errorf("%v: state is not told by sign and word:\n%s", way, s)
		}
		x.leave()
	}
}

// A terminal gets no colour that it does not have. Bubble Tea counts a vt100
// and the Linux console, which has 8 and takes bright ones for bold, among
// those of 16.
func TestConsoleColours(t *testing.T) {
	dir := newMiniature(t)
	begin(t, dir) // a gate that waits has the brightest colour
	x := openTerminal(t, dir, 120, 36)
	for term, want := range map[string]string{
		"TERM=xterm": "16 8", "TERM=xterm-16color": "16 8", "TERM=linux": "16 8", "TERM=vt100": "16 8",
		"TERM=xterm-256color": "256", "TERM=screen": "256", "TERM=xterm-direct COLORTERM=truecolor": "256",
	} {
		raw := x.record()
		x.console("TMUX= COLORTERM= "+term, onTheRun) // tmux itself has 256
		if got := colourKinds(raw()); got == "" || !strings.Contains(want, got) {
			t.Errorf("%s: colours of %q, want %q", term, got, want)
		}
		x.leave()
	}
}

// The terminal is asked for its background, and its answer chooses the theme;
// good is 114 of the 256 colours on dark, and 22 on light.
func checkBackground(t *testing.T, dir string) {
	for background, good := range map[string]string{"#000000": "\x1b[38;5;114m", "#ffffff": "\x1b[38;5;22m"} {
		x := openTerminal(t, dir, 120, 36)
		x.tmux("set", "-g", "window-style", "bg="+background)
		raw := x.record()
		x.console("TERM=xterm-256color", onTheRun)
		x.until("the theme for "+background, func() bool { return strings.Contains(raw(), good) })
		x.leave()
	}
}

func checkASCII(t *testing.T, dir string) {
	x := openTerminal(t, dir, 120, 36)
	for _, way := range [][2]string{{"A=1", onTheRun + " --ascii"}, {"LC_ALL=C", onTheRun}} {
		raw := x.record()
		x.console(way[0], way[1])
		for _, key := range []string{"u", "s", "H", "t", "?"} {
			x.keys(key)
		}
		x.wait("Any key closes")
		if i := strings.IndexFunc(raw(), func(r rune) bool { return r > 0x7f }); i >= 0 {
			t.Errorf("%v: %q", way, raw()[max(0, i-40):i+8])
		}
		x.escape("Any key closes")
		x.leave()
	}
}
