package tui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// looks are the terminals that every screen is drawn for.
var looks = map[string]Look{"dark": {Color: true}, "mono": {}, "ascii": {ASCII: true}}

var sizes = [][2]int{{120, 36}, {80, 24}, {40, 12}}

// visits are the keys that lead to each screen from the list of releases.
var visits = map[string][]string{
	"01-releases":  {},
	"02-wizard":    {"n", "enter", "enter"},
	"03-board":     {"enter"},
	"04-task":      {"enter", "t", "/", "state:failed", "enter", "enter"},
	"05-approval":  {"enter", "A"},
	"06-updates":   {"enter", "u"},
	"07-signing":   {"enter", "s"},
	"08-failures":  {"enter", "F"},
	"09-mails":     {"enter", "e"},
	"10-history":   {"enter", "H"},
	"11-help":      {"enter", "?"},
	"12-palette":   {"enter", ":", "ret"},
	"13-tasks":     {"enter", "t"},
	"25-product":   {"n"},
	"26-plan":      {"n", "enter", "enter", "enter", "enter"},
	"14-review":    {"n", "enter", "enter", "enter", "enter", "enter"},
	"15-stop":      {"enter", "Z"},
	"16-approvals": {"enter", "A", "esc"},
	"17-forecast":  {"enter", "c"},
	"18-replay":    {"enter", "H", "p"},
	"19-copy":      {"enter", "t", "/", "state:failed", "enter", "enter", "y"},
	"20-undo":      {"enter", "F", "R"},
	"21-attempts":  {"enter", "t", "/", "state:failed", "enter", "enter", "a"},
	"22-around":    {"enter", "t", "/", "state:failed", "enter", "d"},
	"23-filter":    {"enter", "t", "/", "down"},
	"24-locales":   {"enter", "z"},
}

// seat is a console under test: its clock is moved by hand and commands run
// to their end at once.
type seat struct {
	*Model
	src *fake
	now time.Time
}

func sit(look Look, w, h int, src *fake) *seat {
	s := &seat{src: src, now: noon}
	env := Env{Now: func() time.Time { return s.now }, User: "asmith", Host: "relhost1", Look: look, Filters: []Filter{{"mac", "platform:mac"}}, Product: Product{Config: "slipway.yaml", Name: "skiff", Title: "Skiff"}}
	s.Model = New(env, src, "")
	s.Update(tea.WindowSizeMsg{Width: w, Height: h})
	s.run_(s.poll())
	return s
}

// run_ carries out a command and hands its answer back, a few rounds deep.
func (s *seat) run_(cmd tea.Cmd) {
	for range 4 {
		if cmd == nil {
			return
		}
		msg := cmd()
		if _, batch := msg.(tea.BatchMsg); batch || msg == nil {
			return
		}
		_, cmd = s.Update(msg)
	}
}

// press types keys: names of keys, or text.
func (s *seat) press(keys ...string) {
	for _, key := range keys {
		for _, k := range keysOf(key) {
			_, cmd := s.Update(k)
			s.run_(cmd)
		}
	}
}

func keysOf(name string) []tea.KeyPressMsg {
	special := map[string]tea.KeyPressMsg{
		"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab}, "up": {Code: tea.KeyUp},
		"down": {Code: tea.KeyDown}, "left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight}, "backspace": {Code: tea.KeyBackspace},
		"space": {Code: tea.KeySpace, Text: " "}, "pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown},
		"ctrl+d": {Code: 'd', Mod: tea.ModCtrl}, "ctrl+u": {Code: 'u', Mod: tea.ModCtrl}, "ctrl+l": {Code: 'l', Mod: tea.ModCtrl},
	}
	if k, ok := special[name]; ok {
		return []tea.KeyPressMsg{k}
	}
	var keys []tea.KeyPressMsg
	for _, r := range name {
		keys = append(keys, tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return keys
}

func TestFrames(t *testing.T) {
	for look, l := range looks {
		for _, size := range sizes {
			for name, keys := range visits {
				s := sit(l, size[0], size[1], newFake(40))
				s.press(keys...)
				frame := s.Frame()
				checkFrame(t, frame, size[0], size[1])
				plain := plainText(frame)
				if l.ASCII {
					for _, r := range plain {
						if r > 0x7e {
							t.Errorf("%s %dx%d: %q in an ASCII frame", name, size[0], size[1], r)
							break
						}
					}
				}
				if l.Color {
					plain = tagged(l, frame)
				}
				golden(t, filepath.Join("testdata", look, sizeName(size), name+".txt"), plain)
			}
		}
	}
}

// Colour must carry nothing that text does not: dark and mono read alike.
func TestColourIsNeverTheOnlyDifference(t *testing.T) {
	for name, keys := range visits {
		dark, mono := sit(looks["dark"], 120, 36, newFake(40)), sit(looks["mono"], 120, 36, newFake(40))
		dark.press(keys...)
		mono.press(keys...)
		if a, b := plainText(dark.Frame()), plainText(mono.Frame()); a != b {
			t.Errorf("%s: text differs between colour and none:\n%s\n%s", name, a, b)
		}
		if raw := strings.Join(mono.Frame(), ""); strings.Contains(raw, "\x1b[3") || strings.Contains(raw, "\x1b[9") {
			t.Errorf("%s: a colour in a frame without colours", name)
		}
	}
}

// plainText is what a frame says, without styles and trailing blanks.
func plainText(frame []string) string {
	var b strings.Builder
	for _, line := range frame {
		b.WriteString(strings.TrimRight(ansi.Strip(line), " ") + "\n")
	}
	return b.String()
}

func sizeName(s [2]int) string {
	return map[int]string{120: "120x36", 80: "80x24", 40: "40x12"}[s[0]]
}

// checkFrame: no line wider, no frame taller, nothing but styles in it.
func checkFrame(t *testing.T, frame []string, w, h int) {
	t.Helper()
	if len(frame) > h {
		t.Errorf("%d lines on a screen of %d", len(frame), h)
	}
	for i, line := range frame {
		if n := ansi.StringWidth(line); n > w {
			t.Errorf("line %d is %d wide on a screen of %d: %q", i, n, w, line)
		}
		if rest := ansi.Strip(line); strings.ContainsAny(rest, "\x1b\x07\r\b\u009b") || strings.Contains(line, "\x1b]") || strings.Contains(line, "\x1b[2J") {
			t.Errorf("line %d lets control bytes through: %q", i, line)
		}
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE") != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (UPDATE=1 accepts it); got:\n%s", path, got)
	}
}
