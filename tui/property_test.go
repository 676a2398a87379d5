package tui

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"slipway/release/pipeline"
)

// Whatever is typed at whatever size, a frame fits and nothing panics.
func TestRandomKeysAndSizes(t *testing.T) {
	keys := []string{
		"up", "down", "left", "right", "enter", "esc", "tab", "space", "backspace", "pgup", "pgdown", "ctrl+d", "ctrl+u", "ctrl+l",
		"g", "G", "[", "]", "/", ":", "?", "y", "n", "R", "A", "D", "P", "X", "Z", "t", "z", "F", "u", "s", "e", "H", "w", "f", "T", "m", "Q",
		"1.2", "state:failed", "platform:", "a", "日本", "v", "c", "p", "d", "b", "r", "N", "3", "9",
	}
	rng := rand.New(rand.NewPCG(1, 2)) // a seed, so that a failure can be seen again
	for range 60 {
		s := sit(Look{Color: rng.IntN(2) == 0, ASCII: rng.IntN(3) == 0}, 80, 24, newFake(rng.IntN(50)))
		for range 60 {
			if rng.IntN(6) == 0 {
				s.Update(tea.WindowSizeMsg{Width: 1 + rng.IntN(250), Height: 1 + rng.IntN(80)})
			}
			if rng.IntN(8) == 0 {
				s.Update(tea.PasteMsg{Content: "1.2\n\x1b[2J"})
			}
			s.now = s.now.Add(time.Duration(rng.IntN(3000)) * time.Millisecond)
			s.press(keys[rng.IntN(len(keys))])
			checkFrame(t, s.Frame(), s.w, s.h)
		}
	}
}

// An approval needs a reason and the version, typed, after the first second.
func TestApprovalCannotHappenByAccident(t *testing.T) {
	s := sit(Look{}, 120, 36, newFake(10))
	s.press("enter", "A", "tab", "1.2", "enter") // typed ahead
	if len(s.src.sent) != 0 {
		t.Fatalf("keys of the first second signed: %+v", s.src.sent)
	}
	s.now = s.now.Add(2 * time.Second)
	s.press("looks good", "tab")
	s.Update(tea.PasteMsg{Content: "1.2"})
	s.press("enter")
	if len(s.src.sent) != 0 {
		t.Fatalf("a pasted version signed: %+v", s.src.sent)
	}
	s.press("1.2", "enter")
	if len(s.src.sent) != 1 {
		t.Fatalf("sent %+v, want one approval; dialog:\n%s", s.src.sent, plainText(s.Frame()))
	}
	c := s.src.sent[0]
	if c.Verb != "approve" || c.Gate != "gate/push" || c.Role != "coordinator" || c.Reason != "looks good" || c.Key != s.snap.Gates[0].Key || c.By != "asmith" {
		t.Errorf("sent %+v", c)
	}
}

// When what a gate guards changes while its dialog is open, nothing is signed.
func TestApprovalOfOtherBytesIsRefused(t *testing.T) {
	s := sit(Look{}, 120, 36, newFake(10))
	s.press("enter", "A")
	s.now = s.now.Add(2 * time.Second)
	s.src.snap.Gates[0].Key = "sha256:" + strings.Repeat("cd", 32)
	s.run_(s.poll())
	s.press("fine", "tab", "1.2", "enter")
	if len(s.src.sent) != 0 {
		t.Errorf("signed %+v", s.src.sent)
	}
	if !strings.Contains(plainText(s.Frame()), "other bytes") {
		t.Errorf("the dialog does not say why:\n%s", plainText(s.Frame()))
	}
}

func TestReadOnlyActsOnNothing(t *testing.T) {
	s := sit(Look{}, 120, 36, newFake(10))
	s.env.ReadOnly = true
	s.press("enter", "F", "R", "esc", "P", "y", "esc", "A")
	s.now = s.now.Add(2 * time.Second)
	s.press("x", "tab", "1.2", "enter")
	if len(s.src.sent)+len(s.src.ran) != 0 {
		t.Errorf("a read-only console sent %+v, ran %+v", s.src.sent, s.src.ran)
	}
}

func TestBulkRetryTakesTheFilter(t *testing.T) {
	s := sit(Look{}, 120, 36, newFake(20))
	s.press("enter", "t", "/", "platform:mac", "enter", "R", "R")
	if len(s.src.sent) != 1 || s.src.sent[0].Select != "state:failed platform:mac" {
		t.Errorf("sent %+v", s.src.sent)
	}
	s.press("/", " state:failed", "enter", "space", "R", "R")
	if len(s.src.sent) != 2 || s.src.sent[1].Select != "id:repack/mac/l05" {
		t.Errorf("sent %+v", s.src.sent)
	}
}

func TestWizardStartsARelease(t *testing.T) {
	s := sit(Look{}, 120, 36, newFake(10))
	s.press("n", "enter", "enter", "enter", "enter", "enter", "1.3", "enter")
	if len(s.src.ran) != 1 || s.src.ran[0][1] != "1.3" {
		t.Fatalf("ran %v; screen:\n%s", s.src.ran, plainText(s.Frame()))
	}
	if s.top().name() != screenBoard {
		t.Errorf("after go-to-build the screen is %s, want the board", s.top().name())
	}
}

// The budget of issue 4: a filter over 10,000 tasks within 100 ms, a frame of
// them within 50 ms.
func BenchmarkFilterAndFrame(b *testing.B) {
	src := newFake(1660)
	s := sit(Look{Color: true}, 120, 36, src)
	s.press("enter", "t")
	b.ReportMetric(float64(len(src.snap.Tasks)), "tasks")
	for b.Loop() {
		s.top().(*tasksScreen).setFilter("state:running platform:win64 l1")
		s.Frame()
		s.top().(*tasksScreen).setFilter("")
	}
}

func BenchmarkBoard10000(b *testing.B) {
	src := newFake(1660)
	s := sit(Look{Color: true}, 120, 36, src)
	s.press("enter")
	for b.Loop() {
		s.board = count(src.snap)
		s.Frame()
	}
	if got := worst(s.board.total); got != pipeline.Failed {
		b.Fatal(got)
	}
}

// A bell rings once for each turn that wants a person, and never while they
// look; inside tmux the notice beside it is wrapped.
func TestBellOnlyWhenNobodyLooks(t *testing.T) {
	s := sit(Look{}, 120, 36, newFake(10))
	s.env.Tmux = true
	s.Update(tea.FocusMsg{})
	s.press("enter")
	if cmd := s.notice(); cmd != nil {
		t.Error("rang while somebody looks")
	}
	s.noticed = map[string]bool{s.run: true}
	s.Update(tea.BlurMsg{})
	cmd := s.notice()
	if cmd == nil {
		t.Fatal("a gate that waits rang no bell")
	}
	raw, ok := cmd().(tea.RawMsg)
	if text, _ := raw.Msg.(string); !ok || !strings.HasPrefix(text, "\a\x1bPtmux;") || strings.Contains(text, "owned") {
		t.Errorf("sent %q, want a bell and a wrapped notice", raw.Msg)
	}
	if s.notice() != nil {
		t.Error("rang twice for the same gate")
	}
	s.noticed, s.focus = map[string]bool{s.run: true}, focusUnknown
	if s.notice() == nil {
		t.Error("silent where the terminal does not tell whether somebody looks")
	}
	s.noticed = map[string]bool{}
	if s.notice() != nil {
		t.Error("rang for what stood there when the console was opened")
	}
	s.env.Screen = true
	if got := s.desktopNotice("x"); got != "" {
		t.Errorf("GNU screen would print %q", got)
	}
}

// A filter that matches nothing leaves nothing to act on, rather than everything.
func TestNothingSelected(t *testing.T) {
	for _, keys := range [][]string{
		{"enter", "t", "/", "zzz", "enter", "X"},
		{"enter", "t", "/", "state:failed", "enter", "d", "/", "zzz", "enter", "R"},
	} {
		s := sit(Look{}, 120, 36, newFake(10))
		s.press(keys...)
		if frame := plainText(s.Frame()); s.dialog != nil || s.pending != nil || !strings.Contains(frame, "no task here") {
			t.Errorf("%q: a dialog (%v) or a retry (%v) without a task:\n%s", keys, s.dialog != nil, s.pending != nil, frame)
		}
	}
}
