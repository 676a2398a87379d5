package tui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// later moves the clock and lets what is due happen.
func (s *seat) later(d time.Duration) {
	s.now = s.now.Add(d)
	s.run_(s.overdue())
}

// A retry goes out by itself, but not before it could be taken back.
func TestRetryCanBeTakenBack(t *testing.T) {
	s := sit(Look{}, 120, 36, newFake(20))
	s.press("enter", "F", "R")
	s.later(undoFor - time.Second)
	if len(s.src.sent) != 0 {
		t.Fatalf("sent too early: %+v", s.src.sent)
	}
	if frame := plainText(s.Frame()); !strings.Contains(frame, "retry of 2 tasks goes out in 1s") {
		t.Errorf("nothing tells of it:\n%s", frame)
	}
	s.press("esc")
	if s.top().name() != screenFails {
		t.Error("esc left the screen as well")
	}
	s.later(undoFor)
	if len(s.src.sent) != 0 {
		t.Fatalf("taken back, but sent: %+v", s.src.sent)
	}
	s.press("R")
	s.later(undoFor)
	if len(s.src.sent) != 1 || s.src.sent[0].Run != "skiff-1.2-build2" || s.src.sent[0].Select != "id:repack/mac/l05,repack/win64/l05" {
		t.Errorf("sent %+v", s.src.sent)
	}
}

// It belongs to the release it was asked for, wherever one looks by then, and
// another retry does not lose it.
func TestPendingRetryIsNotLost(t *testing.T) {
	s := sit(Look{}, 120, 36, newFake(20))
	s.press("enter", "t", "/", "platform:mac", "enter", "R")
	s.press("/", "backspace", "backspace", "backspace", "win64", "enter", "R")
	if len(s.src.sent) != 1 || s.src.sent[0].Select != "state:failed platform:mac" {
		t.Fatalf("sent %+v", s.src.sent)
	}
	s.run = "another"
	s.later(undoFor)
	if len(s.src.sent) != 2 || s.src.sent[1].Run != "skiff-1.2-build2" || s.src.sent[1].Select != "state:failed platform:win64" {
		t.Errorf("sent %+v", s.src.sent)
	}
}

// Who leaves after R meant it.
func TestLeavingSendsThePendingRetry(t *testing.T) {
	s := sit(Look{}, 120, 36, newFake(20))
	s.press("enter", "F", "R")
	_, cmd := s.Update(tea.KeyPressMsg{Code: 'q', Text: "q"})
	if cmd == nil {
		t.Fatal("q does nothing")
	}
	if _, quits := cmd().(tea.QuitMsg); quits || s.pending != nil {
		t.Error("q left without sending the retry")
	}
}

func TestNothingToRetryIsSaid(t *testing.T) {
	s := sit(Look{}, 120, 36, newFake(20))
	s.press("enter", "t", "/", "platform:linux64", "enter", "R")
	if s.pending != nil || !strings.Contains(plainText(s.Frame()), "nothing to retry") {
		t.Errorf("pending %+v:\n%s", s.pending, plainText(s.Frame()))
	}
}
