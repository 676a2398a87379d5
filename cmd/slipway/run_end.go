package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"slipway/release/engine"
	"slipway/release/pipeline"
	"slipway/release/text"
)

// errTimeout and errSignal end a run from outside.
var errTimeout = errors.New("--timeout ran out")

type errSignal struct{ os.Signal }

func (e errSignal) Error() string { return e.String() }

// interruptible ends ctx on a signal or after a while, telling which. A closed
// terminal (SIGHUP) ends nothing: a release outlives the window it began in.
func interruptible(ctx context.Context, timeout time.Duration) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	signal.Ignore(syscall.SIGHUP)
	var late <-chan time.Time
	if timeout > 0 {
		late = time.After(timeout)
	}
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals) // a second one kills at once, which is safe too
			cancel(errSignal{s})
		case <-late:
			cancel(errTimeout)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { signal.Stop(signals); cancel(nil) }
}

// judge turns where a run ended into an exit code and the next thing to type.
func judge(ctx context.Context, out engine.Outcome, keepGoing bool) error {
	if out.Standing != pipeline.Done && out.Standing != pipeline.Stopped {
		so := fmt.Sprintf("%d of %d tasks passed", out.Counts.Passed, out.Counts.Total())
		if err := cutShort(ctx, out.Run, so); err != nil {
			return err
		}
	}
	switch out.Standing {
	case pipeline.Done:
		return nil
	case pipeline.Stopped:
		return fail(exitTasksFailed, fmt.Errorf("%s was stopped", out.Run), "slipway history "+out.Run)
	case pipeline.AtGate:
		g := out.Gates[0]
		role := "ROLE"
		if len(g.Missing) > 0 {
			role = g.Missing[0].Role
		}
		return fail(exitHeld, fmt.Errorf("%s is held: %s", out.Run, waits(g)),
			fmt.Sprintf(`slipway approve %s %s --as %s --reason "…"`, out.Run, g.Gate, role))
	case pipeline.Pausing:
		return fail(exitHeld, fmt.Errorf("%s is paused by %s", out.Run, text.Sanitize(out.Halt.String())), "slipway resume "+out.Run)
	case pipeline.Broken:
		code := exitTasksFailed
		switch {
		case onlyTheWorld(out.Causes):
			code = exitUnreachable
		case keepGoing:
			code = exitSomeFailed
		}
		hint, cancelled := "slipway task ls "+out.Run+" state:failed", ""
		if n := out.Counts.Cancelled; n > 0 {
			hint, cancelled = hint+",cancelled", fmt.Sprintf("%d cancelled, ", n)
		}
		return fail(code, fmt.Errorf("%s: %d failed, %s%d blocked by that, %d of %d tasks passed",
			out.Run, out.Counts.Failed, cancelled, out.Counts.Blocked, out.Counts.Passed, out.Counts.Total()), hint)
	}
	return fail(exitInternal, fmt.Errorf("%s ended while it was %s", out.Run, out.Standing), "slipway run "+out.Run)
}

// onlyTheWorld tells whether nothing but servers, disks and the like failed: a
// script may do the same again later.
func onlyTheWorld(causes []pipeline.Cause) bool {
	other := func(c pipeline.Cause) bool { return c.Class != pipeline.Infra }
	return len(causes) > 0 && !slices.ContainsFunc(causes, other)
}

// cutShort tells how a signal or --timeout ended a run from outside, and how
// things stand; nil when neither did.
func cutShort(ctx context.Context, id, so string) error {
	code, how := endedBy(ctx)
	if code == exitDone {
		return nil
	}
	return fail(code, fmt.Errorf("%s: %s, %s", id, how, so), "slipway run "+id)
}

// endedBy is what ended an interruptible context from outside: exitDone is
// nothing.
func endedBy(ctx context.Context) (code int, how string) {
	cause := context.Cause(ctx)
	var s errSignal
	switch {
	case cause == nil:
		return exitDone, ""
	case errors.Is(cause, errTimeout):
		return exitTimeout, cause.Error()
	case errors.As(cause, &s) && s.Signal == syscall.SIGTERM:
		return exitTerminated, "terminated"
	}
	return exitInterrupted, "interrupted"
}

// refused gives the engine's refusals their codes.
func refused(err error, id string) error {
	var held *engine.HeldError
	switch {
	case errors.As(err, &held) && held.Lock.Run == id:
		return fail(exitConflict, err, "slipway watch "+id)
	case errors.As(err, &held):
		return fail(exitConflict, err, "slipway status "+held.Lock.Run+"; slipway stop frees the lock for what is more urgent, and slipway resume takes it up again")
	case errors.Is(err, engine.ErrOtherPlan):
		return fail(exitConflict, err, "slipway plan PLAN --diff OTHER shows what changed; run --replan goes on with the new one")
	case errors.Is(err, engine.ErrStopped):
		return fail(exitConflict, err, "slipway resume "+id+", or plan the next build number")
	case errors.Is(err, engine.ErrFenced):
		return fail(exitConflict, err, "slipway status "+id)
	}
	return err
}
