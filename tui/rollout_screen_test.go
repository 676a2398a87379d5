package tui

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/release"
	"slipway/release/engine"
	"slipway/release/pipeline"
)

// rollingFake is a release that a quarter of the users is offered.
func rollingFake() *fake {
	f := newFake(2)
	began := noon.Add(-21*time.Hour - 50*time.Minute)
	f.snap.Gates = nil
	last := "ship/product-details"
	for i, percent := range []int{25, 50, 100} {
		gate := pipeline.Gate{Name: fmt.Sprintf("rollout-%d", percent), Question: fmt.Sprintf("offer the updates to %d %% of users?", percent), Roles: map[string]int{"coordinator": 1}, Soak: 24 * time.Hour}
		g := engine.GateView{Gate: gate, State: pipeline.Waiting, Missing: []pipeline.Missing{{Role: "coordinator", Need: 1}}}
		t := engine.TaskView{Task: &pipeline.Task{ID: fmt.Sprintf("rollout/%d", percent), Stage: "rollout", Kind: "rollout", Title: fmt.Sprintf("offer the updates to %d %% of users", percent), Args: json.RawMessage(fmt.Sprintf(`{"share":%d}`, percent))}, State: pipeline.Waiting}
		switch i {
		case 0:
			g.Gate.Name, g.State, g.Missing = "ship", pipeline.Passed, nil
			g.Signoffs = []pipeline.Signoff{{By: "kwong", Role: "coordinator", Reason: "no new \x1b[31msignatures"}}
			t.State, t.Ended = pipeline.Passed, began
		case 1:
			g.State, g.Key = pipeline.Held, "sha256:"+strings.Repeat("cd", 32)
		}
		g.Task = g.Gate.Name
		t.Needs = []string{"snippets", g.Task}
		f.snap.Tasks = append(f.snap.Tasks,
			engine.TaskView{Task: &pipeline.Task{ID: g.Task, Stage: "rollout", Kind: pipeline.KindGate, Needs: []string{last}}, State: g.State}, t)
		f.snap.Gates = append(f.snap.Gates, g)
		last = t.ID
	}
	f.snap.Events = append(f.snap.Events,
		engine.Event{At: began.Add(-time.Minute), Type: engine.ApprovalEvent, What: "approve", Task: "ship", Role: "coordinator", By: "kwong", Text: "no new signatures"},
		engine.Event{At: began, Type: engine.TaskEvent, Task: "rollout/25", From: pipeline.Running, To: pipeline.Passed})
	f.rollout = RolloutFacts{Channels: []release.RolloutState{{
		Channel: "release", Release: "Skiff-1.2-build2", Share: 25,
		Told: []release.RolloutTold{{From: "1.1", Inside: "1.2"}, {From: "1.0", Inside: "1.2", Outside: "1.1"}},
	}}}
	return f
}

// steps gives every share the same state.
func (f *fake) steps(state pipeline.State) {
	for i := range f.snap.Tasks {
		if f.snap.Tasks[i].Kind == "rollout" {
			f.snap.Tasks[i].State = state
		}
	}
}

func (f *fake) halt() {
	h := release.RolloutHalt{Release: "Skiff-1.2-build2", By: "ann", At: noon.Add(-time.Hour), Reason: "crashes on start"}
	f.rollout.Channels[0].Halt = &h
	for i := range f.rollout.Channels[0].Told {
		f.rollout.Channels[0].Told[i].Inside = f.rollout.Channels[0].Told[i].Outside
	}
	f.snap.Run.RolloutHalt = &engine.Halt{Verb: engine.VerbHaltRollout, By: h.By, At: h.At, Reason: h.Reason}
	f.runs[0] = f.snap.Run
	f.snap.Events = append(f.snap.Events, engine.Event{At: h.At, Type: engine.CommandEvent, What: engine.VerbHaltRollout, By: h.By, Text: h.Reason})
}

func TestRolloutFrames(t *testing.T) {
	for look, l := range looks {
		for _, size := range sizes {
			for name, keys := range map[string][]string{"27-rollout": {"enter", "O"}, "28-halted": {"enter", "O"}, "29-step": {"enter", "O", "enter"}, "30-halt": {"enter", "O", "X"}, "31-take-back": {"enter", "O", "X"}} {
				f := rollingFake()
				switch name {
				case "28-halted":
					f.halt()
				case "31-take-back":
					f.steps(pipeline.Passed)
				}
				s := sit(l, size[0], size[1], f)
				s.press(keys...)
				s.run_(s.poll())
				frame := s.Frame()
				checkFrame(t, frame, size[0], size[1])
				plain := plainText(frame)
				if l.Color {
					plain = tagged(l, frame)
				}
				golden(t, filepath.Join("testdata", look, sizeName(size), name+".txt"), plain)
			}
		}
	}
}

// X halts with a reason, and lifts a halt only for who types the version.
func TestRolloutIsHaltedAndResumed(t *testing.T) {
	f := rollingFake()
	s := sit(Look{}, 120, 36, f)
	later := func() { s.now = s.now.Add(2 * time.Second) }
	s.press("enter", "O", "X")
	later()
	s.press("enter")
	if len(f.ran) != 0 {
		t.Fatalf("ran %v without a reason", f.ran)
	}
	s.press("crashes", "enter")
	want := []string{"rollout", "halt", "skiff-1.2-build2", "--confirm", "1.2", "--by", "asmith", "--reason", "crashes"}
	if len(f.ran) != 1 || !slices.Equal(f.ran[0], want) {
		t.Fatalf("ran %q, want %q", f.ran, want)
	}
	if end, ok := f.asked[0].Deadline(); ok && time.Until(end) < 10*time.Minute {
		t.Errorf("the halt would be killed at %v, in the middle of its upload", end)
	}
	f.halt()
	s.run_(s.poll())
	s.press("X")
	later()
	s.press("a false alarm", "enter")
	if len(f.ran) != 1 {
		t.Fatalf("resumed without the version: %v", f.ran[1])
	}
	s.press("1.2", "enter")
	want = []string{"rollout", "resume", "skiff-1.2-build2", "--by", "asmith", "--reason", "a false alarm"}
	if len(f.ran) != 2 || !slices.Equal(f.ran[1], want) {
		t.Errorf("ran %q, want %q", f.ran, want)
	}
}

// A halt is said first wherever one looks, with or without a soak, and how it is
// lifted; before a gate is signed too.
func TestHaltIsSaidFirst(t *testing.T) {
	f := rollingFake()
	for i := range f.snap.Gates {
		f.snap.Gates[i].Gate.Soak = 0
	}
	f.halt()
	s := sit(Look{}, 120, 36, f)
	says := func(where string, words ...string) {
		t.Helper()
		frame := plainText(s.Frame())
		for _, w := range words {
			if !strings.Contains(frame, w) {
				t.Errorf("%s does not say %q:\n%s", where, w, frame)
			}
		}
	}
	says("the list", "✗ halted", "✗ lift", "skiff-1.2-build2         rollout halted by ann: crashes on start  (slipway rollout resume)", "✗ 1 rollout halted   ◆")
	s.press("enter")
	says("the board", "✗ HALTED 58%", "\n ✗ (O, then X) rollout halted by ann: crashes on start   ◆ 1 gate waiting")
	s.press("A")
	says("the approval", "HALTED     by ann: crashes on start")

	// Withdrawn after all was done, and then a later release in its place.
	s = sit(Look{}, 120, 36, f)
	s.runs[0].Standing = pipeline.Done
	says("the list of a withdrawn release", "✗ halted", "✗ lift", "rollout halted by ann")
	next := s.runs[0]
	next.ID, next.RolloutHalt = "skiff-1.3-build1", nil
	s.runs = append([]engine.Run{next}, s.runs...)
	if frame := plainText(s.Frame()); !strings.Contains(frame, "✗ halted") || strings.Contains(frame, "✗ lift") || strings.Contains(frame, "rollout halted") {
		t.Errorf("a halt that nobody lifts any more asks for it:\n%s", frame)
	}
}

// Before the first share there is nothing to halt. After the last one everybody
// is offered the release: it is taken back by who types the version.
func TestRolloutBeforeAndAfterItsShares(t *testing.T) {
	f := rollingFake()
	f.steps(pipeline.Waiting)
	s := sit(Look{}, 120, 36, f)
	s.press("enter", "O", "X")
	if frame := plainText(s.Frame()); s.dialog != nil || !strings.Contains(frame, "nobody is offered it yet") {
		t.Errorf("a dialog (%v) before the first share:\n%s", s.dialog != nil, frame)
	}
	f = rollingFake()
	f.steps(pipeline.Passed)
	takenBack(t, f)
}

// A release without a rollout has one step: it can be taken back too.
func TestPlainReleaseIsTakenBack(t *testing.T) {
	f := rollingFake()
	f.snap.Tasks = slices.DeleteFunc(f.snap.Tasks, func(t engine.TaskView) bool { return t.Kind == "rollout" })
	f.snap.Tasks = append(f.snap.Tasks, engine.TaskView{
		Task: &pipeline.Task{ID: "ship/snippets", Stage: "ship", Kind: "publish-snippets", Needs: []string{"snippets", "ship"}}, State: pipeline.Passed, Ended: noon,
	})
	takenBack(t, f)
}

func takenBack(t *testing.T, f *fake) {
	t.Helper()
	s := sit(Look{}, 120, 36, f)
	s.press("enter", "O", "X")
	if frame := plainText(s.Frame()); !strings.Contains(frame, "TAKE THE RELEASE BACK") || !strings.Contains(frame, "told of nothing newer. ") {
		t.Fatalf("no such dialog, or not whole:\n%s", frame)
	}
	s.now = s.now.Add(2 * time.Second)
	s.press("crashes", "enter")
	if len(f.ran) != 0 {
		t.Fatalf("taken back without the version: %v", f.ran)
	}
	s.press("1.2", "enter")
	want := []string{"rollout", "halt", "skiff-1.2-build2", "--confirm", "1.2", "--by", "asmith", "--reason", "crashes"}
	if len(f.ran) != 1 || !slices.Equal(f.ran[0], want) {
		t.Errorf("ran %q, want %q", f.ran, want)
	}
}

// Enter on the share that waits opens its gate's dialog; on others it says why
// not.
func TestRolloutStepIsApproved(t *testing.T) {
	f := rollingFake()
	s := sit(Look{}, 120, 36, f)
	s.press("enter", "O", "up", "enter")
	if s.dialog != nil {
		t.Fatalf("25 %% is offered already, and asks: %s", s.dialog.title())
	}
	s.press("down", "enter")
	if frame := plainText(s.Frame()); !strings.Contains(frame, "SOAKED     21h50m of 1d00h: early") {
		t.Errorf("the dialog does not say that it is early:\n%s", frame)
	}
	s.now = s.now.Add(2 * time.Second)
	s.press("looks good", "tab", "1.2", "enter")
	if len(f.sent) != 1 || f.sent[0].Verb != "approve" || f.sent[0].Gate != "rollout-50" {
		t.Errorf("sent %+v", f.sent)
	}
}
