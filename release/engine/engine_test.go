package engine

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"slipway/release/pipeline"
	"slipway/release/text"
)

func TestRunsToTheEndAndRepeatsNothing(t *testing.T) {
	j, w := testJournal(t), &world{}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	spec := testSpec(testGraph("a", "b: a", "c: a", "d: b c"))
	for range 2 {
		out, err := e.Run(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		want(t, "outcome", out.String(), "skiff-1.2-build1 done: 4 of 4 tasks")
	}
	for _, id := range []string{"a", "b", "c", "d"} {
		want(t, id+" ran", w.count(id), 1)
	}
	s := snapshot(t, j)
	want(t, "states", s.states(), "a=passed b=passed c=passed d=passed")
	want(t, "lock", s.Run.Lock.Run, "")
	// began + 4×(running, passed) + ended; the second time nothing happened.
	want(t, "events", verifyChain(t, j), int64(10))
}

func TestAnotherRunFindsTheResultsByKey(t *testing.T) {
	j, w := testJournal(t), &world{}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	spec := testSpec(testGraph("a", "b: a"))
	if _, err := e.Run(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	spec.Build = 2
	spec.Graph = testGraph("a", "b: a", "c: b")
	if _, err := e.Run(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	want(t, "a ran", w.count("a"), 1)
	want(t, "c ran", w.count("c"), 1)
	v, err := j.View(t.Context(), "skiff-1.2-build2")
	if err != nil {
		t.Fatal(err)
	}
	s, err := v.Refresh(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	want(t, "cached", s.Tasks[0].Cached && s.Tasks[1].Cached && !s.Tasks[2].Cached, true)
}

func TestResultsWhoseFilesAreGoneDoNotCount(t *testing.T) {
	j, w := testJournal(t), &world{}
	kinds := w.kinds()
	plain := kinds["work"].Run
	file := pipeline.File{Name: "out", Digest: "sha256:" + strings.Repeat("ab", 32), Size: 1}
	kinds["work"] = pipeline.Kind{Name: "work", Version: 1, Run: func(ctx context.Context, c pipeline.Call) (pipeline.Raw, error) {
		raw, err := plain(ctx, c)
		raw.Files = []pipeline.File{file}
		return raw, err
	}}
	there := true
	e := &Engine{Journal: j, Kinds: kinds, Now: time.Now, Has: func(string) bool { return there }}
	spec := testSpec(testGraph("a", "b: a", "gate: b"))
	if _, err := e.Run(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	there = false
	if _, err := e.Run(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	want(t, "a ran", w.count("a"), 2)
	events, err := j.History(t.Context(), testRun, 0)
	if err != nil {
		t.Fatal(err)
	}
	var told bool
	for _, ev := range events {
		told = told || ev.Task == "a" && ev.Text == "its files are gone from the cache"
	}
	want(t, "history tells why", told, true)
}

func TestFailuresTellCauseTailAndStopOnlyTheirOwn(t *testing.T) {
	j := testJournal(t)
	var secrets text.Secrets
	secrets.Add("hunter22")
	broken := true
	w := &world{}
	w.do = func(_ context.Context, c pipeline.Call) error {
		if c.Task.ID == "de" && broken {
			for range 30 {
				c.Log.Write([]byte("a line with hunter22\n"))
			}
			return pipeline.Fail(pipeline.Input, "missing key", errors.New("de lacks tabs-pin, password hunter22"))
		}
		return nil
	}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now, Secrets: &secrets}
	spec := testSpec(testGraph("tag", "de: tag", "fr: tag", "publish: de fr"))
	out, err := e.Run(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "standing", out.Standing, pipeline.Broken)
	s := snapshot(t, j)
	want(t, "states", s.states(), "tag=passed de=failed fr=passed publish=blocked")
	want(t, "lock stays with the run", s.Run.Lock.Run, testRun)
	want(t, "why", s.Why, "1 task failed: missing key")
	trouble := s.Tasks[1].Trouble
	want(t, "class", trouble.Class, pipeline.Input)
	want(t, "tail", strings.Count(trouble.Text, "a line with [secret]"), tailLines)
	log, err := os.ReadFile(j.LogPath(testRun, "de", 1))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(log)+trouble.Text, "hunter") {
		t.Errorf("a secret was written:\n%s\n%s", trouble.Text, log)
	}

	broken = false
	out, err = e.Run(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "again", out.Standing, pipeline.Done)
	want(t, "de ran", w.count("de"), 2)
	want(t, "fr ran", w.count("fr"), 1)
	verifyChain(t, j)
}

func TestInfraFailuresAreRetriedAndPanicsAreNot(t *testing.T) {
	j, w := testJournal(t), &world{}
	w.do = func(_ context.Context, c pipeline.Call) error {
		switch {
		case c.Task.ID == "net" && c.Attempt < 3:
			return pipeline.Fail(pipeline.Infra, "mirror down", errors.New("503"))
		case c.Task.ID == "bug":
			panic("index out of range")
		}
		return nil
	}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	out, err := e.Run(t.Context(), testSpec(testGraph("net", "bug")))
	if err != nil {
		t.Fatal(err)
	}
	want(t, "net ran", w.count("net"), 3)
	want(t, "bug ran", w.count("bug"), 1)
	want(t, "cause", out.Causes[0].Cause, "panic: index out of range")
	want(t, "states", snapshot(t, j).states(), "net=passed bug=failed")
}

func TestTimeoutEndsAnAttempt(t *testing.T) {
	j, w := testJournal(t), &world{}
	w.do = func(ctx context.Context, c pipeline.Call) error {
		<-ctx.Done()
		return ctx.Err()
	}
	g := testGraph("slow")
	g.Tasks[0].Try = pipeline.TryPolicy{Attempts: 2, Timeout: time.Millisecond}
	out, err := (&Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}).Run(t.Context(), testSpec(g))
	if err != nil {
		t.Fatal(err)
	}
	want(t, "ran", w.count("slow"), 2)
	want(t, "cause", out.Causes[0].Cause, "timed out")
}

func TestInterruptedAttemptsAreMadeAgain(t *testing.T) {
	j, w := testJournal(t), &world{}
	ctx, cancel := context.WithCancel(t.Context())
	w.do = func(ctx context.Context, c pipeline.Call) error {
		cancel()
		<-ctx.Done()
		return errors.New("killed by signal")
	}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	spec := testSpec(testGraph("a"))
	out, err := e.Run(ctx, spec)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "standing", out.Standing, pipeline.Moving)
	want(t, "state", snapshot(t, j).states(), "a=waiting")
	w.do = nil
	out, err = e.Run(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "standing", out.Standing, pipeline.Done)
}

func TestOnceTasksAskTheWorldFirst(t *testing.T) {
	j := testJournal(t)
	var deeds, asked int
	kinds := pipeline.Registry{"tag": pipeline.Typed("tag", 1,
		func(context.Context, pipeline.Call, workArgs) (pipeline.Result[string], error) {
			deeds++
			return pipeline.Result[string]{Facts: "tagged"}, errors.New("the network died after the deed")
		},
		func(context.Context, pipeline.Call, workArgs) (pipeline.Result[string], bool, error) {
			asked++
			return pipeline.Result[string]{Facts: "tagged"}, deeds > 0, nil
		})}
	g := pipeline.Graph{Tasks: []pipeline.Task{{ID: "tag", Kind: "tag", Effect: pipeline.Once}}}
	e := &Engine{Journal: j, Kinds: kinds, Now: time.Now}
	for range 2 {
		if _, err := e.Run(t.Context(), testSpec(g)); err != nil {
			t.Fatal(err)
		}
	}
	want(t, "deeds", deeds, 1)
	want(t, "asked", asked, 2)
	want(t, "state", snapshot(t, j).states(), "tag=passed")
}

func TestSecondRunOfAChannelIsRefused(t *testing.T) {
	j, w := testJournal(t), &world{}
	w.do = func(context.Context, pipeline.Call) error { return errors.New("broken") }
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	spec := testSpec(testGraph("a"))
	if _, err := e.Run(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	other := spec
	other.Build = 2
	_, err := e.Run(t.Context(), other)
	var held *HeldError
	if !errors.As(err, &held) || held.Lock.Run != testRun || !strings.Contains(err.Error(), "skiff/release is locked by skiff-1.2-build1 since ") {
		t.Fatalf("got %v", err)
	}
	spec.PlanDigest = "sha256:other"
	if _, err := e.Run(t.Context(), spec); !errors.Is(err, ErrOtherPlan) {
		t.Errorf("changed plan: got %v", err)
	}
	spec.Replan = true
	if _, err := e.Run(t.Context(), spec); err != nil {
		t.Error(err)
	}
	if _, err := j.Send(t.Context(), Command{Run: testRun, Verb: "stop", By: "ann", Reason: "broken"}, time.Now); err != nil {
		t.Fatal(err)
	}
	w.do = nil
	if _, err := e.Run(t.Context(), spec); !errors.Is(err, ErrStopped) {
		t.Errorf("stopped candidate: got %v", err)
	}
	w.do = func(context.Context, pipeline.Call) error { return errors.New("broken again") }
	other.Graph = testGraph("b")
	if _, err := e.Run(t.Context(), other); err != nil {
		t.Errorf("after stop the lock is free: %v", err)
	}
	verifyChain(t, j)
}

// TestRunsThatShareAChannelExcludeEachOther: a release candidate that goes to
// beta too stands in the way of the next beta, and not of an esr.
func TestRunsThatShareAChannelExcludeEachOther(t *testing.T) {
	j, w := testJournal(t), &world{}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	first := testSpec(testGraph("a", "gate: a"))
	first.Channel = "beta+release"
	if _, err := e.Run(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		product, channel string
		free             bool
	}{
		{"skiff", "beta", false},
		{"skiff", "esr+release", false},
		{"skiff", "beta+release", false},
		{"skiff", "esr", true},
		{"skiff", "bet", true},
		{"lynx", "beta+release", true},
	} {
		next := testSpec(testGraph("a"))
		next.Product, next.Version, next.Channel = c.product, "2.0", c.channel
		_, err := e.Run(t.Context(), next)
		var held *HeldError
		switch {
		case c.free && err != nil:
			t.Errorf("%s on %s: %v", c.product, c.channel, err)
		case !c.free && (!errors.As(err, &held) || held.Lock.Run != testRun || !strings.Contains(err.Error(), "skiff/beta+release is locked by "+testRun)):
			t.Errorf("%s on %s: got %v; want the holder named", c.product, c.channel, err)
		}
	}
	// The holder itself goes on.
	if _, err := e.Run(t.Context(), first); err != nil {
		t.Error(err)
	}
}

func TestAFencedEngineStopsShort(t *testing.T) {
	j, w := testJournal(t), &world{}
	w.do = func(ctx context.Context, c pipeline.Call) error {
		_, err := j.db.Exec(`UPDATE locks SET fence = fence + 1`)
		return err
	}
	_, err := (&Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}).Run(t.Context(), testSpec(testGraph("a", "b: a")))
	if !errors.Is(err, ErrFenced) {
		t.Fatalf("got %v", err)
	}
	want(t, "b ran", w.count("b"), 0)
	want(t, "state", snapshot(t, j).states(), "a=running b=waiting")
}

func TestAFinishedReleaseNeedsNoLock(t *testing.T) {
	j, w := testJournal(t), &world{}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	first := testSpec(testGraph("a"))
	if _, err := e.Run(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	second := first
	second.Version, second.Graph = "1.3", testGraph("a", "gate: a")
	if out, err := e.Run(t.Context(), second); err != nil || out.Standing != pipeline.AtGate {
		t.Fatal(out, err)
	}
	out, err := e.Run(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "the first again", out.Standing, pipeline.Done)

	// Nor does it run anew because slipway was upgraded meanwhile, or the cache
	// trimmed: it would publish what newer releases have replaced.
	first.Graph = testGraph("a")
	first.Graph.Tasks[0].Args = []byte(`{"salt":"as a later slipway has it"}`)
	e.Has = func(string) bool { return false }
	if out, err = e.Run(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	want(t, "with other tasks", out.Standing, pipeline.Done)
	want(t, "a ran", w.count("a"), 1)
}
