package engine

import (
	"errors"
	"strings"
	"testing"
	"time"

	"slipway/release/pipeline"
)

// A share soaks from the end of its task, and anew from a resumption.
func TestSoaked(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	gate := GateView{Task: "rollout-50", Gate: pipeline.Gate{Soak: 24 * time.Hour}}
	s := &Snapshot{At: at.Add(3 * time.Hour), Tasks: []TaskView{
		{Task: &pipeline.Task{ID: "rollout/25"}, Ended: at},
		{Task: &pipeline.Task{ID: "rollout-50", Needs: []string{"rollout/25"}}},
	}}
	check := func(want time.Duration, halted bool) {
		t.Helper()
		if stood, meant, ok := s.Soaked(gate); !ok || stood != want || meant != 24*time.Hour {
			t.Errorf("stood %v of %v (%v), want %v", stood, meant, ok, want)
		}
		if got := s.Run.RolloutHalt != nil; got != halted {
			t.Errorf("halted: %v, want %v", got, halted)
		}
	}
	check(3*time.Hour, false)
	s.Run.halted(Event{Type: CommandEvent, What: VerbHaltRollout, At: at.Add(time.Hour), By: "ann"})
	check(3*time.Hour, true)
	s.Run.halted(Event{Type: CommandEvent, What: VerbResumeRollout, At: at.Add(2 * time.Hour)})
	check(time.Hour, false)
	gate.Gate.Soak = 0
	if _, _, ok := s.Soaked(gate); ok {
		t.Error("a gate without a soak has one")
	}
	gate.Gate.Soak, s.Tasks[0].Ended = time.Hour, time.Time{}
	if _, _, ok := s.Soaked(gate); ok {
		t.Error("what has not ended soaks")
	}
}

// What a person does to a release that is done is on record, and changes nothing
// about when it was done.
func TestHaltOfAFinishedRun(t *testing.T) {
	j, w := testJournal(t), &world{}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	if _, err := e.Run(t.Context(), testSpec(testGraph("build"))); err != nil {
		t.Fatal(err)
	}
	before, err := j.Run(t.Context(), testRun)
	if err != nil {
		t.Fatal(err)
	}
	later := func() time.Time { return time.Now().Add(time.Hour) }
	if _, err := j.Send(t.Context(), Command{Run: testRun, Verb: VerbHaltRollout, By: "ann", Reason: "crashes"}, later); err != nil {
		t.Fatal(err)
	}
	after, err := j.Run(t.Context(), testRun)
	if err != nil || after.Standing != pipeline.Done || !after.Ended.Equal(before.Ended) {
		t.Errorf("it ended %v and is %s (%v); before it ended %v", after.Ended, after.Standing, err, before.Ended)
	}
}

// Nobody says yes to a next share while the rollout is halted: lifting the halt
// would offer it at once.
func TestNoShareIsApprovedUnderAHalt(t *testing.T) {
	j, w := testJournal(t), &world{}
	g := testGraph("rollout/25", "gate-other", "gate-50: rollout/25", "rollout/50: gate-50")
	g.Tasks[2].Stage = "rollout"
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	if _, err := e.Run(t.Context(), testSpec(g)); err != nil {
		t.Fatal(err)
	}
	mustSend(t, j, Command{Verb: VerbHaltRollout, By: "ann", Reason: "crashes"}, "noted")
	approve := Command{Verb: "approve", By: "bob", Gate: "gate-50", Role: "qa"}
	_, err := send(t, j, approve)
	if !errors.Is(err, pipeline.ErrNotAllowed) || !strings.Contains(err.Error(), "halted by ann ") ||
		!strings.HasSuffix(err.Error(), ": crashes; slipway rollout resume "+testRun+" lifts it") {
		t.Errorf("under a halt: %v", err)
	}
	other := approve
	other.Gate = "gate-other"
	mustSend(t, j, other, "gate-other has 1 of 2 sign-offs; relman 0 of 1")
	mustSend(t, j, Command{Verb: VerbResumeRollout, By: "ann", Reason: "mended"}, "noted")
	mustSend(t, j, approve, "gate-50 has 1 of 2 sign-offs; relman 0 of 1")
}

// A halt is known by all of the history, however much came after it, in one run
// and in the list of all, and to whoever looks into the past.
func TestHaltIsNotForgotten(t *testing.T) {
	j, w := testJournal(t), &world{}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	if _, err := e.Run(t.Context(), testSpec(testGraph("build", "gate: build"))); err != nil {
		t.Fatal(err)
	}
	say := func(verb, reason string) {
		t.Helper()
		if _, err := send(t, j, Command{Verb: verb, By: "ann", Reason: reason}); err != nil {
			t.Fatal(err)
		}
	}
	v, err := j.View(t.Context(), testRun)
	if err != nil {
		t.Fatal(err)
	}
	check := func(want string) {
		t.Helper()
		s, err := v.Refresh(t.Context(), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		runs, err := j.Runs(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		events, err := j.History(t.Context(), testRun, 0)
		if err != nil {
			t.Fatal(err)
		}
		first := snapshot(t, j)
		for where, r := range map[string]Run{"the view": s.Run, "a first look": first.Run, "the list": runs[0], "the past": s.Then(events, s.Run.Seq).Run} {
			got := ""
			if r.RolloutHalt != nil {
				got = r.RolloutHalt.By + ": " + r.RolloutHalt.Reason
			}
			if got != want || (want != "") != (r.Shown() == RolloutHalted) {
				t.Errorf("%s: halted by %q, shown as %s; want %q", where, got, r.Shown(), want)
			}
		}
	}
	check("")
	say(VerbHaltRollout, "crashes")
	for range tailEvents/2 + 1 { // more than a screen keeps
		say(verbPause, `"what":"rollout-resume"`)
		say(verbResume, `"what":"rollout-resume"`)
	}
	check("ann: crashes")
	if got, want := snapshot(t, j).Why, "rollout halted by ann: crashes; waiting at gate: 0 of 1 sign-offs (qa), 0 of 1 sign-offs (relman)"; got != want {
		t.Errorf("why: %q, want %q", got, want)
	}
	say(VerbResumeRollout, "a false alarm")
	check("")
}

// Nobody lifts a halt in whose place a later release of the channel stands, nor
// that of a release that was stopped.
func TestStillHalted(t *testing.T) {
	halt := &Halt{By: "ann"}
	runs := []Run{
		{ID: "beta", Channel: "beta", Standing: pipeline.Done},
		{ID: "begun", Channel: "release", Standing: pipeline.Moving},
		{ID: "stopped", Channel: "release", Standing: pipeline.Stopped, RolloutHalt: halt},
		{ID: "late", Channel: "release", Standing: pipeline.Done, RolloutHalt: halt},
		{ID: "early", Channel: "release", Standing: pipeline.Done, RolloutHalt: halt},
	}
	got := StillHalted(runs)
	if len(got) != 1 || got[0].ID != "late" {
		t.Errorf("still halted: %v", got)
	}
}
