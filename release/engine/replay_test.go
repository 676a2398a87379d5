package engine

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"slipway/release/pipeline"
)

// At each event the replay is what a view saw at that moment.
func TestThenIsWhatWasSeen(t *testing.T) {
	j, w := testJournal(t), &world{}
	w.do = func(_ context.Context, c pipeline.Call) error {
		if c.Task.ID == "bad" && w.count("bad") == 1 {
			return pipeline.Fail(pipeline.Input, "no such string", errors.New("no such string"))
		}
		return nil
	}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	spec := testSpec(testGraph("a", "bad", "after: bad", "gate: a", "publish: gate after"))
	seen := map[int64]*Snapshot{}
	look := func() {
		s := snapshot(t, j)
		seen[s.Run.Seq] = s
	}
	run := func() {
		if _, err := e.Run(t.Context(), spec); err != nil {
			t.Fatal(err)
		}
		look()
	}
	send := func(c Command) {
		c.Run, c.By = testRun, "ann"
		if c.Role == "qa" {
			c.By = "kwong"
		}
		if _, err := j.Send(t.Context(), c, time.Now); err != nil {
			t.Fatal(err)
		}
		look()
	}
	run()
	send(Command{Verb: "pause"})
	send(Command{Verb: "resume"})
	send(Command{Verb: "approve", Gate: "gate", Role: "qa", Reason: "green"})
	send(Command{Verb: "retry", Select: "bad"})
	run()
	send(Command{Verb: "approve", Gate: "gate", Role: "relman", Reason: "ship it"})
	run()

	now := snapshot(t, j)
	events, err := j.History(t.Context(), testRun, 0)
	if err != nil {
		t.Fatal(err)
	}
	told := func(s *Snapshot) string {
		text := fmt.Sprintf("%s %+v %v", s.states(), s.Counts, len(s.Causes))
		for _, g := range s.Gates {
			text += fmt.Sprintf(" %s %v %d signed %v", g.Task, g.State, len(g.Signoffs), g.Missing)
		}
		return text
	}
	for seq, s := range seen {
		then := now.Then(events, seq)
		want(t, fmt.Sprintf("after event %d", seq), told(then), told(s))
		want(t, fmt.Sprintf("halt after event %d", seq), then.Run.Halt != nil, s.Run.Halt != nil)
	}
	want(t, "at the end", now.Then(events, now.Run.Seq).Run.Standing, pipeline.Done)
	want(t, "before anything", now.Then(events, 0).Counts.Waiting, 5)
}
