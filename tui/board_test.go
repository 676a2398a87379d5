package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

func TestStageKeys(t *testing.T) {
	s := sit(Look{}, 120, 36, newFake(20))
	s.press("enter", "4")
	if b := s.top().(*boardScreen); s.board.stages[b.at].name != "partial" {
		t.Errorf("4 leads to %s", s.board.stages[b.at].name)
	}
}

// The other release is one key away, and back.
func TestNextRelease(t *testing.T) {
	s := sit(Look{}, 120, 36, newFake(20))
	s.press("enter", "b")
	if s.run != "skiff-1.1-build1" {
		t.Errorf("b leads to %s", s.run)
	}
	if s.press("b"); s.run != "skiff-1.2-build2" {
		t.Errorf("b again leads to %s", s.run)
	}
}

// The key row offers only what would do something.
func TestKeyRowOffersWhatWorks(t *testing.T) {
	src := newFake(20)
	s := sit(Look{}, 200, 36, src)
	s.press("enter")
	row := func() string { return plainText(s.Frame()[35:]) }
	for _, key := range []string{"F failures", "R retry", "P pause"} {
		if !strings.Contains(row(), key) {
			t.Errorf("%q is missing: %s", key, row())
		}
	}
	src.snap.Run.Standing = pipeline.Done
	src.snap.Counts = pipeline.Counts{Passed: len(src.snap.Tasks)}
	s.run_(s.poll())
	for _, key := range []string{"F failures", "R retry", "P pause", "r running"} {
		if strings.Contains(row(), key) {
			t.Errorf("%q is offered on a release that is done: %s", key, row())
		}
	}
	s.press(":")
	if got := strings.TrimSpace(row()); got != "" {
		t.Errorf("under a dialog the key row says %q", got)
	}
}

// On a short screen what failed and what runs is seen, however many stages
// the checklist has; what is done or to come shares a row, and the cursor can
// still go there.
func TestShortBoardShowsWhatFailed(t *testing.T) {
	src := newFake(24)
	var stages []engine.TaskView
	for _, name := range []string{"go", "tag", "source", "import", "l10n", "check", "prepare", "fetch"} {
		stages = append(stages, engine.TaskView{Task: &pipeline.Task{ID: name, Stage: name, Title: name}, State: pipeline.Passed})
	}
	src.snap.Tasks = append(stages, src.snap.Tasks...)
	s := sit(Look{}, 80, 24, src)
	s.press("enter")
	frame := plainText(s.Frame())
	for _, want := range []string{"✓ 9 stages done: go to build", "FAILED 2 in 1 cause\n ✗ [2]", "RUNNING 3  (longest first)\n   repack"} {
		if !strings.Contains(frame, want) {
			t.Errorf("no %q in\n%s", want, frame)
		}
	}
	s.Update(tea.WindowSizeMsg{Width: 40, Height: 10})
	s.press("G", "k", "k")
	if frame := plainText(s.Frame()); !strings.Contains(frame, ">repack") {
		t.Errorf("on 40x10 the cursor is out of sight:\n%s", frame)
	}
	s.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	s.press("g")
	if frame = plainText(s.Frame()); !strings.Contains(frame, ">go ") || !strings.Contains(frame, "✓ 8 stages done: tag to build") {
		t.Errorf("the cursor is not on the first stage:\n%s", frame)
	}
}

// What is over cannot be stopped.
func TestNothingToStop(t *testing.T) {
	src := newFake(6)
	src.snap.Run.Standing = pipeline.Done
	s := sit(Look{}, 120, 36, src)
	s.press("enter", "Z")
	if frame := plainText(s.Frame()); s.dialog != nil || !strings.Contains(frame, "nothing to stop") {
		t.Errorf("the dialog opens:\n%s", frame)
	}
}

// Nobody can answer the gates of a release that was stopped, so nobody is told
// of them.
func TestWhatIsOverNeedsNobody(t *testing.T) {
	src := newFake(6)
	stopped := src.runs[0]
	stopped.ID, stopped.Standing, stopped.Counts.Held = "skiff-1.2-build1", pipeline.Stopped, 3
	src.runs = append(src.runs, stopped)
	s := sit(Look{}, 120, 36, src)
	if frame := plainText(s.Frame()); !strings.Contains(frame, " 1 gate waiting (A)") {
		t.Errorf("want one gate waiting:\n%s", frame)
	}
}
