package engine

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"slipway/release/pipeline"
)

func send(t *testing.T, j *Journal, cmd Command) (string, error) {
	t.Helper()
	cmd.Run = testRun
	return j.Send(t.Context(), cmd, time.Now)
}

func mustSend(t *testing.T, j *Journal, cmd Command, answer string) {
	t.Helper()
	got, err := send(t, j, cmd)
	if err != nil {
		t.Fatalf("%s: %v", cmd.Verb, err)
	}
	want(t, cmd.Verb, got, answer)
}

// Approvals are the same with an engine running and without one.
func TestGateWithoutEngine(t *testing.T) {
	j, w := testJournal(t), &world{}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	spec := testSpec(testGraph("build", "gate: build", "publish: gate"))
	out, err := e.Run(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "held", out.Standing, pipeline.AtGate)
	s := snapshot(t, j)
	want(t, "why", s.Why, "waiting at gate: 0 of 1 sign-offs (qa), 0 of 1 sign-offs (relman)")
	key := s.Gates[0].Key

	_, err = send(t, j, Command{Verb: "approve", By: "ann", Gate: "gate", Role: "qa", Key: "sha256:seen-elsewhere"})
	if !errors.Is(err, pipeline.ErrOtherBytes) {
		t.Errorf("other bytes: got %v", err)
	}
	mustSend(t, j, Command{Verb: "approve", By: "ann", Gate: "gate", Role: "qa", Key: key, Reason: "smoke tests"}, "gate has 1 of 2 sign-offs; relman 0 of 1")
	if _, err = send(t, j, Command{Verb: "approve", By: "ann", Gate: "gate", Role: "relman"}); !errors.Is(err, pipeline.ErrNotAllowed) {
		t.Errorf("two roles: got %v", err)
	}
	mustSend(t, j, Command{Verb: "approve", By: "bob", Gate: "gate", Role: "relman"}, "gate is open")
	mustSend(t, j, Command{Verb: "revoke", By: "bob", Gate: "gate"}, "gate has 1 of 2 sign-offs; relman 0 of 1")
	mustSend(t, j, Command{Verb: "reject", By: "cat", Gate: "gate", Role: "relman", Reason: "crashes"}, "gate is rejected")
	out, err = e.Run(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "rejected", out.Causes[0].Text, "rejected by cat as relman: crashes")
	// A person's "no" is no failure that a retry of all failures may undo.
	if _, err = send(t, j, Command{Verb: "retry", By: "ann", Select: "state:failed"}); !errors.Is(err, pipeline.ErrNotAllowed) || !strings.Contains(err.Error(), "only by its name, gate") {
		t.Errorf("retry of all that failed: got %v", err)
	}
	want(t, "still rejected", snapshot(t, j).Counts.Failed, 1)
	mustSend(t, j, Command{Verb: "retry", By: "ann", Select: "gate"}, "retry: 1 task")
	mustSend(t, j, Command{Verb: "approve", By: "bob", Gate: "gate", Role: "relman"}, "gate is open")
	out, err = e.Run(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "done", out.Standing, pipeline.Done)
	if _, err = send(t, j, Command{Verb: "revoke", By: "bob", Gate: "gate"}); !errors.Is(err, pipeline.ErrTookEffect) {
		t.Errorf("revoked after it took effect: got %v", err)
	}
	verifyChain(t, j)
}

func TestApprovalBindsToTheBytes(t *testing.T) {
	j, w := testJournal(t), &world{}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	spec := testSpec(testGraph("build", "gate: build", "publish: gate"))
	if _, err := e.Run(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	mustSend(t, j, Command{Verb: "approve", By: "ann", Gate: "gate", Role: "qa"}, "gate has 1 of 2 sign-offs; relman 0 of 1")
	mustSend(t, j, Command{Verb: "approve", By: "bob", Gate: "gate", Role: "relman"}, "gate is open")
	// The plan changes: another build, so the gate guards other bytes.
	spec.PlanDigest, spec.Replan = "sha256:other", true
	spec.Graph.Tasks[0].Args = []byte(`{"salt":"changed"}`)
	out, err := e.Run(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "closed again", out.Standing, pipeline.AtGate)
	want(t, "publish ran", w.count("publish"), 0)
	want(t, "no sign-off counts", len(snapshot(t, j).Gates[0].Signoffs), 0)
}

func TestCommandsReachARunningEngine(t *testing.T) {
	j := testJournal(t)
	// Commands come from another process; another handle is as near as a test
	// of one process gets.
	other, err := Open(j.Dir())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()

	started := make(chan string, 10)
	fix := make(chan struct{})
	w := &world{}
	w.do = func(ctx context.Context, c pipeline.Call) error {
		started <- c.Task.ID
		switch {
		case c.Task.ID == "flaky" && c.Attempt == 1:
			return errors.New("broken once")
		case c.Task.ID == "long":
			select {
			case <-fix:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}
	e := &Engine{Journal: j, Kinds: w.kinds(), Pools: map[string]int{"": 2}, Now: time.Now}
	ended := make(chan Outcome, 1)
	go func() {
		spec := testSpec(testGraph("flaky", "long", "gate: long flaky", "publish: gate"))
		spec.Wait = true
		out, err := e.Run(t.Context(), spec)
		if err != nil {
			t.Error(err)
		}
		ended <- out
	}()
	<-started
	<-started
	until(t, other, func(s *Snapshot) bool { return s.Counts.Failed == 1 })
	mustSend(t, other, Command{Verb: "pause", By: "ann", Reason: "lunch"}, "paused; running tasks finish")
	mustSend(t, other, Command{Verb: "retry", By: "ann", Select: "state:failed"}, "retry: 1 task")
	s := until(t, other, func(s *Snapshot) bool { return s.Counts.Failed == 0 })
	want(t, "paused", strings.HasPrefix(s.Why, "paused by ann"), true)
	if _, err := other.Send(t.Context(), Command{Run: testRun, Verb: "approve", By: "ann", Gate: "gate", Role: "qa"}, time.Now); !errors.Is(err, pipeline.ErrNotReached) {
		t.Errorf("too early: got %v", err)
	}
	mustSend(t, other, Command{Verb: "resume", By: "ann"}, "goes on")
	want(t, "retried while the rest runs", <-started, "flaky")
	close(fix)
	until(t, other, func(s *Snapshot) bool { return s.Counts.Held == 1 })
	mustSend(t, other, Command{Verb: "approve", By: "ann", Gate: "gate", Role: "qa"}, "gate has 1 of 2 sign-offs; relman 0 of 1")
	mustSend(t, other, Command{Verb: "approve", By: "bob", Gate: "gate", Role: "relman"}, "gate is open")
	want(t, "done", (<-ended).Standing, pipeline.Done)
	verifyChain(t, j)
}

func TestStopCutsRunningTasksAndFreesTheLock(t *testing.T) {
	j, w := testJournal(t), &world{}
	started := make(chan struct{}, 1)
	w.do = func(ctx context.Context, c pipeline.Call) error {
		started <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	ended := make(chan Outcome, 1)
	go func() {
		out, err := e.Run(t.Context(), testSpec(testGraph("a", "b: a")))
		if err != nil {
			t.Error(err)
		}
		ended <- out
	}()
	<-started
	if _, err := send(t, j, Command{Verb: "stop", By: "ann"}); !errors.Is(err, pipeline.ErrNotAllowed) {
		t.Errorf("stop without reason: got %v", err)
	}
	mustSend(t, j, Command{Verb: "stop", By: "ann", Reason: "respin"}, "stopped; the candidate is halted")
	want(t, "standing", (<-ended).Standing, pipeline.Stopped)
	s := snapshot(t, j)
	want(t, "states", s.states(), "a=waiting b=waiting")
	want(t, "lock", s.Run.Lock.Run, "")
	want(t, "why", strings.HasPrefix(s.Why, "stopped by ann"), true)
}

func TestCancelOneRunningTaskAndRetryIt(t *testing.T) {
	j, w := testJournal(t), &world{}
	started, gone := make(chan struct{}, 1), make(chan struct{})
	w.do = func(ctx context.Context, c pipeline.Call) error {
		if c.Task.ID != "a" {
			return nil
		}
		if c.Attempt > 1 {
			select {
			case <-gone:
				return nil
			default:
				return errors.New("began beside the attempt that was cut")
			}
		}
		started <- struct{}{}
		<-ctx.Done()
		// Slow to go: the retry below is sent meanwhile.
		for s := snapshot(t, j); s.Tasks[0].State != pipeline.Cancelled; s = snapshot(t, j) {
		}
		close(gone)
		return ctx.Err()
	}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	ended := make(chan Outcome, 1)
	go func() {
		spec := testSpec(testGraph("a", "b", "c: a b", "gate"))
		spec.Wait, spec.KeepGoing = true, true
		out, err := e.Run(t.Context(), spec)
		if err != nil {
			t.Error(err)
		}
		ended <- out
	}()
	<-started
	mustSend(t, j, Command{Verb: "cancel", By: "ann", Select: "name:a", Reason: "hangs"}, "cancel: 1 task")
	mustSend(t, j, Command{Verb: "retry", By: "ann", Select: "name:a"}, "retry: 1 task")
	until(t, j, func(s *Snapshot) bool { return s.Counts.Passed == 3 })
	mustSend(t, j, Command{Verb: "reject", By: "ann", Gate: "gate", Role: "qa", Reason: "enough"}, "gate is rejected")
	want(t, "standing", (<-ended).Standing, pipeline.Broken)
	want(t, "states", snapshot(t, j).states(), "a=passed b=passed c=passed gate=failed")
}

// An engine that waits for nobody does not wait for who paused the release.
func TestAPausedReleaseEndsWhereNobodyWaits(t *testing.T) {
	j, w := testJournal(t), &world{}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	w.do = func(context.Context, pipeline.Call) error { return errors.New("broken") }
	if _, err := e.Run(t.Context(), testSpec(testGraph("a"))); err != nil {
		t.Fatal(err)
	}
	mustSend(t, j, Command{Verb: "pause", By: "ann", Reason: "lunch"}, "paused; running tasks finish")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := e.Run(ctx, testSpec(testGraph("a")))
	if err != nil || ctx.Err() != nil {
		t.Fatal(out, err, ctx.Err())
	}
	want(t, "standing", out.Standing, pipeline.Pausing)
	want(t, "by", out.Halt.By, "ann")
	want(t, "ran", w.count("a"), 1)
}

// Who approves a stopped candidate or retries some of it has not heard of the all
// stop, and is told.
func TestAStoppedCandidateIsLeftAlone(t *testing.T) {
	j, w := testJournal(t), &world{}
	w.do = func(_ context.Context, c pipeline.Call) error {
		if c.Task.ID == "bad" {
			return errors.New("broken")
		}
		return nil
	}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	if _, err := e.Run(t.Context(), testSpec(testGraph("bad", "gate", "more: gate bad"))); err != nil {
		t.Fatal(err)
	}
	mustSend(t, j, Command{Verb: "approve", By: "bob", Gate: "gate", Role: "qa"}, "gate has 1 of 2 sign-offs; relman 0 of 1")
	mustSend(t, j, Command{Verb: "stop", By: "ann", Reason: "it eats profiles"}, "stopped; the candidate is halted")
	for _, cmd := range []Command{
		{Verb: "approve", By: "cat", Gate: "gate", Role: "relman"},
		{Verb: "retry", By: "cat", Select: "bad"},
		{Verb: "priority", By: "cat", Select: "bad", Urgency: 1},
	} {
		_, err := send(t, j, cmd)
		if !errors.Is(err, pipeline.ErrNotAllowed) || !strings.Contains(err.Error(), testRun+" was stopped by ann ") ||
			!strings.HasSuffix(err.Error(), ": it eats profiles; slipway resume "+testRun+" lifts it") {
			t.Errorf("%s: %v", cmd.Verb, err)
		}
	}
	mustSend(t, j, Command{Verb: "revoke", By: "bob", Gate: "gate"}, "gate has 0 of 2 sign-offs; qa 0 of 1; relman 0 of 1")
	mustSend(t, j, Command{Verb: "resume", By: "ann"}, "goes on")
	mustSend(t, j, Command{Verb: "retry", By: "cat", Select: "bad"}, "retry: 1 task")
}

func TestADoneReleaseCannotBeStopped(t *testing.T) {
	j, w := testJournal(t), &world{}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	if _, err := e.Run(t.Context(), testSpec(testGraph("a"))); err != nil {
		t.Fatal(err)
	}
	_, err := send(t, j, Command{Verb: "stop", By: "ann", Reason: "too late"})
	if err == nil || err.Error() != "skiff-1.2-build1 is done: nothing to stop" {
		t.Errorf("got %v", err)
	}
}

// until refreshes a view until it shows what is waited for. The engine's own
// polling sets the pace, so this polls too; the test's deadline is the limit.
func until(t *testing.T, j *Journal, ok func(*Snapshot) bool) *Snapshot {
	t.Helper()
	v, err := j.View(t.Context(), testRun)
	if err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 4000 {
		s, err := v.Refresh(t.Context(), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if ok(s) {
			return s
		}
		<-tick.C
	}
	t.Fatalf("never came: %s", snapshot(t, j).states())
	return nil
}

// An empty selection is a variable that was not set or a filter that matched
// nothing: it must not be every task of the release.
func TestEmptySelection(t *testing.T) {
	j, w := testJournal(t), &world{}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	if _, err := e.Run(t.Context(), testSpec(testGraph("build", "gate: build", "publish: gate"))); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"cancel", "retry", "priority"} {
		for _, sel := range []string{"", " "} {
			if _, err := send(t, j, Command{Verb: verb, By: "ann", Select: sel, Reason: "test"}); !errors.Is(err, pipeline.ErrNoSuchTask) {
				t.Errorf("%s %q: got %v", verb, sel, err)
			}
		}
	}
	want(t, "cancelled", snapshot(t, j).Counts.Cancelled, 0)
}
