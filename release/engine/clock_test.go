package engine

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"slipway/release/pipeline"
)

// In these tests hours pass in no time: the engine takes its clock from time,
// and testing/synctest moves that on when everything waits.

func TestBackoffDoublesAndIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, err := Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		var at []time.Time
		w := &world{do: func(_ context.Context, c pipeline.Call) error {
			at = append(at, time.Now())
			return pipeline.Fail(pipeline.Infra, "mirror down", errors.New("503"))
		}}
		g := testGraph("fetch")
		g.Tasks[0].Try = pipeline.TryPolicy{Attempts: 3, Backoff: 10 * time.Second}
		out, err := (&Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}).Run(t.Context(), testSpec(g))
		if err != nil {
			t.Fatal(err)
		}
		want(t, "standing", out.Standing, pipeline.Broken)
		want(t, "attempts", len(at), 3)
		for i, pause := range []time.Duration{10 * time.Second, 20 * time.Second} {
			if got := at[i+1].Sub(at[i]); got < pause || got > pause+time.Second {
				t.Errorf("pause %d: got %s, want %s", i+1, got, pause)
			}
		}
	})
}

func TestSilenceIsShownAndKillsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, err := Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		v := (*View)(nil)
		look := func() TaskView {
			if v == nil {
				if v, err = j.View(t.Context(), testRun); err != nil {
					t.Fatal(err)
				}
			}
			s, err := v.Refresh(t.Context(), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			return s.Tasks[0]
		}
		w := &world{do: func(_ context.Context, c pipeline.Call) error {
			time.Sleep(time.Minute)
			c.Progress(7, 10, "files")
			time.Sleep(9 * time.Minute)
			got := look()
			want(t, "progress", got.Progress.Done, int64(7))
			want(t, "quiet after 9m", got.Quiet, false)
			time.Sleep(2 * time.Minute)
			want(t, "quiet after 11m", look().Quiet, true)
			c.Log.Write([]byte("still here\n"))
			time.Sleep(2 * time.Second) // progress is written once a second
			want(t, "quiet after a line", look().Quiet, false)
			return nil
		}}
		out, err := (&Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}).Run(t.Context(), testSpec(testGraph("build")))
		if err != nil {
			t.Fatal(err)
		}
		want(t, "standing", out.Standing, pipeline.Done)
		want(t, "usual", look().Usual, time.Duration(0)) // told when a view opens
		want(t, "took", look().Took(time.Now()) > 12*time.Minute, true)
	})
}
