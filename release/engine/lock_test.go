package engine

import (
	"testing"
	"time"

	"slipway/release/pipeline"
)

// A plan may change the channels that a release is for. Its engine still hears
// what people say, and nothing stays locked of what the release is not for.
func TestReplanForOtherChannels(t *testing.T) {
	j, w := testJournal(t), &world{}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	first := testSpec(testGraph("a", "gate: a"))
	if _, err := e.Run(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	spec := first
	spec.Channel, spec.PlanDigest, spec.Replan, spec.Wait = "esr", "sha256:other", true, true
	ended := make(chan Outcome, 1)
	go func() {
		out, err := e.Run(t.Context(), spec)
		if err != nil {
			t.Error(err)
		}
		ended <- out
	}()
	s := until(t, j, func(s *Snapshot) bool { return s.Run.Plan == spec.PlanDigest && s.Counts.Held == 1 })
	want(t, "lock", s.Run.Lock.Resource, "skiff/esr")
	if !s.Run.Lock.Engine {
		t.Fatal("its engine is taken for dead")
	}
	next := testSpec(testGraph("b"))
	next.Build = 2
	if _, err := e.Run(t.Context(), next); err != nil {
		t.Errorf("the channel that it is no longer for: %v", err)
	}
	mustSend(t, j, Command{Verb: "stop", By: "ann", Reason: "respin"}, "stopped; the candidate is halted")
	want(t, "standing", (<-ended).Standing, pipeline.Stopped)
	next.Build, next.Channel = 3, "esr"
	if _, err := e.Run(t.Context(), next); err != nil {
		t.Errorf("after the stop: %v", err)
	}
}

// Journals of earlier versions have releases that kept the lock of channels they
// were no longer for; a stop frees that too.
func TestStopFreesEveryLock(t *testing.T) {
	j, w := testJournal(t), &world{}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	spec := testSpec(testGraph("a", "gate: a"))
	if _, err := e.Run(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	if _, err := j.db.Exec(`UPDATE runs SET channel = 'esr'`); err != nil {
		t.Fatal(err)
	}
	mustSend(t, j, Command{Verb: "stop", By: "ann", Reason: "respin"}, "stopped; the candidate is halted")
	spec.Build = 2
	if _, err := e.Run(t.Context(), spec); err != nil {
		t.Error(err)
	}
}
