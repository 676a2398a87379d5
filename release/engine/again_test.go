package engine

import (
	"context"
	"errors"
	"testing"
	"time"

	"slipway/release/pipeline"
)

// Who chose what to try again, while no engine ran, gets that and no more; to run
// the release once more is to try all of it.
func TestAChosenRetryIsKept(t *testing.T) {
	j, w := testJournal(t), &world{}
	w.do = func(context.Context, pipeline.Call) error { return errors.New("broken") }
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	run := func(linux, win int) {
		t.Helper()
		if _, err := e.Run(t.Context(), testSpec(testGraph("linux", "win"))); err != nil {
			t.Fatal(err)
		}
		want(t, "linux", w.count("linux"), linux)
		want(t, "win", w.count("win"), win)
	}
	run(1, 1)
	mustSend(t, j, Command{Verb: "retry", By: "ann", Select: "win"}, "retry: 1 task")
	mustSend(t, j, Command{Verb: "pause", By: "ann"}, "paused; running tasks finish")
	mustSend(t, j, Command{Verb: "resume", By: "ann"}, "goes on")
	run(1, 2)
	run(2, 3)
}
