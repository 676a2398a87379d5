package tui

import (
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// A plan that cannot be made says why to the end, and can be tried again from
// where one stands; nobody gets to its review.
func TestFormWithoutAPlan(t *testing.T) {
	t.Parallel()
	f := newFake(3)
	f.noPlan = errors.New("fetching main: fatal: unable to access https://hg.skiff.example/skiff-unified/releases/skiff-release/: SSL: no alternative name matches\r\nfatal: \x1b[31mgave up\n")
	s := sit(Look{}, 80, 24, f)
	s.press("n", "enter", "enter", "enter", "enter")
	if got := s.text(); !strings.Contains(got, "no alternative name matches") || !strings.Contains(got, "\n fatal: \\x1b[31mgave up") || !strings.Contains(got, "enter try again") {
		t.Errorf("the reason is not all there:\n%s", got)
	}
	s.press("enter")
	if got := s.text(); strings.Contains(got, "Type the version") || len(f.asked) != 3 {
		t.Errorf("asked %d times, want a suggestion and two plans:\n%s", len(f.asked), got)
	}
	f.noPlan = nil
	s.press("enter")
	if got := s.text(); !strings.Contains(got, "all is well") {
		t.Errorf("mended, and tried again:\n%s", got)
	}
	if s.press("enter"); !strings.Contains(s.text(), "Type the version") || len(f.asked) != 4 {
		t.Errorf("asked %d times; the review:\n%s", len(f.asked), s.text())
	}
}

// A repository may take long to fetch. Meanwhile one may look at the help, or
// leave, and then nothing goes on; nor does a late answer reach another form.
func TestFormWaitsAsLongAsOneWants(t *testing.T) {
	t.Parallel()
	f := newFake(3)
	s := sit(Look{}, 80, 24, f)
	_, first := s.Update(keysOf("n")[0])
	if got := s.text(); !strings.Contains(got, "looking at the repositories; the first time") {
		t.Errorf("nothing says why one waits:\n%s", got)
	}
	s.press("esc")
	late := first()
	if f.asked[0].Err() == nil {
		t.Error("the form was left, and its fetch goes on")
	}
	_, second := s.Update(keysOf("n")[0])
	s.Update(late)
	if got := s.text(); !strings.Contains(got, "looking at the repositories") {
		t.Errorf("another form's answer was taken:\n%s", got)
	}
	s.Update(second())
	if end, ok := f.asked[1].Deadline(); !ok || time.Until(end) < time.Hour {
		t.Errorf("a fetch is given up at %v", end)
	}

	// The plan of a draft that was changed is not shown as the new one's.
	s.press("enter", "enter", "enter", "enter")
	for range 3 {
		s.press("esc")
	}
	s.press(".1", "enter", "enter")
	_, plan := s.Update(tea.KeyPressMsg{Code: tea.KeyEnter})
	s.press("enter")
	if got := s.text(); !strings.Contains(got, "the plan is still being made") || strings.Contains(got, "all is well") {
		t.Errorf("the plan of 1.3 stands for that of 1.3.1:\n%s", got)
	}
	s.Update(plan())
	if got := s.text(); !strings.Contains(got, "all is well") {
		t.Errorf("the plan came:\n%s", got)
	}
}

// A second enter, while the engine is being started, starts no other.
func TestFormBeginsOnce(t *testing.T) {
	t.Parallel()
	s := sit(Look{}, 80, 24, newFake(3))
	s.press("n", "enter", "enter", "enter", "enter", "enter", "1.3")
	_, first := s.Update(keysOf("enter")[0])
	_, second := s.Update(keysOf("enter")[0])
	if first == nil || second != nil || !strings.Contains(s.text(), "starting its engine") {
		t.Errorf("first %v, second %v:\n%s", first != nil, second != nil, s.text())
	}
	s.Update(doneMsg{what: "go to build", err: errors.New("no disk")})
	if _, again := s.Update(keysOf("enter")[0]); again == nil {
		t.Error("it failed, and cannot be tried again")
	}
}

func (s *seat) text() string { return ansi.Strip(s.View().Content) }
