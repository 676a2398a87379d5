package engine

import (
	"testing"
	"time"

	"slipway/release/pipeline"
)

// What an engine was asked for may be done while the release is not: the journal
// says where the release stands, and it can still be stopped.
func TestAScopeThatIsDoneFinishesNoRelease(t *testing.T) {
	j, w := testJournal(t), &world{}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	spec := testSpec(testGraph("a", "b: a", "c", "gate: b c"))
	only := func(id string) { spec.Scope = func(t pipeline.Task) bool { return t.ID == id } }
	run := func(scope string, whole pipeline.Standing) {
		t.Helper()
		only(scope)
		out, err := e.Run(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		want(t, scope, out.Standing, pipeline.Done)
		s := snapshot(t, j)
		want(t, "after "+scope, s.Run.Standing, whole)
		want(t, "as told", s.Events[len(s.Events)-1].Standing, whole)
		want(t, "ended", s.Run.Ended.IsZero(), whole != pipeline.Done)
	}
	run("a", pipeline.Moving)
	run("b", pipeline.Moving)
	mustSend(t, j, Command{Verb: "stop", By: "ann", Reason: "respin"}, "stopped; the candidate is halted")
	mustSend(t, j, Command{Verb: "resume", By: "ann"}, "goes on")
	run("c", pipeline.AtGate)
	want(t, "lock", snapshot(t, j).Run.Lock.Run, testRun)
}

// The last piece finishes it.
func TestTheLastScopeFinishesTheRelease(t *testing.T) {
	j, w := testJournal(t), &world{}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	spec := testSpec(testGraph("a", "b"))
	for _, id := range []string{"a", "b"} {
		spec.Scope = func(t pipeline.Task) bool { return t.ID == id }
		if _, err := e.Run(t.Context(), spec); err != nil {
			t.Fatal(err)
		}
	}
	s := snapshot(t, j)
	want(t, "standing", s.Run.Standing, pipeline.Done)
	want(t, "lock", s.Run.Lock.Run, "")
	want(t, "ended", s.Run.Ended.IsZero(), false)
}
