package tui

import (
	"strings"
	"testing"

	"slipway/release/engine"
)

// An engine that was killed leaves "moving" behind. Nothing runs, and no place
// that tells how the release stands says that something does.
func TestWithoutAnEngineNothingRuns(t *testing.T) {
	f := newFake(20)
	f.snap.Run.Lock = engine.Lock{}
	f.runs[0] = f.snap.Run
	s := sit(Look{}, 120, 36, f)
	if got := len(find(s, "state:idle")); got != 1 {
		t.Errorf("state:idle finds %d releases, want 1", got)
	}
	list := plainText(s.Frame())
	s.press("enter")
	for where, told := range map[string]string{"the list": list, "the board": plainText(s.Frame()), "the title": s.title()} {
		if strings.Contains(strings.ToLower(told), "▶ running") || strings.HasPrefix(told, "▶") {
			t.Errorf("%s says that it runs:\n%s", where, told)
		}
	}
	if !strings.Contains(list, "! no engine") || !strings.Contains(plainText(s.Frame()), "! NO ENGINE") || !strings.HasPrefix(s.title(), "! ") {
		t.Errorf("no engine is not said in the list, the board or the title %q:\n%s%s", s.title(), list, plainText(s.Frame()))
	}
	s.press("H", "p")
	if past := plainText(s.Frame()); strings.Contains(past, "NO ENGINE") {
		t.Errorf("the past had an engine:\n%s", past)
	}
}

func find(s *seat, query string) []engine.Run {
	h := s.top().(*home)
	defer h.setFilter("")
	h.setFilter(query)
	return h.rows(s.Model)
}
