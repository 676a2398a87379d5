package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"slipway/release/pipeline"
)

// attempt is one try of one task.
type attempt struct {
	task   int
	number int
	began  time.Time
	cancel context.CancelCauseFunc

	call pipeline.Call
	kind pipeline.Kind
	log  *taskLog

	mu       sync.Mutex
	progress progress
}

type progress struct {
	done, total int64
	unit        string
	heard       time.Time
}

// finish is how an attempt ended.
type finish struct {
	*attempt
	raw     pipeline.Raw
	err     error
	skipped bool // the probe found that it had happened already
	took    time.Duration
	tail    []string // what the task itself said last
}

// errCancelled is the cause that ends an attempt whose task was cancelled;
// errEnding that of an engine which is told to end.
var (
	errCancelled = errors.New("cancelled")
	errEnding    = errors.New("the engine is ending")
)

// run makes the attempt. Fence is asked between the probe and the deed of a
// task that acts once, so that a holder who was replaced meanwhile stops short.
func (a *attempt) run(ctx context.Context, fence func() error, now func() time.Time) finish {
	f := finish{attempt: a}
	timeout := a.call.Task.Try.Timeout
	if timeout > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeoutCause(ctx, timeout, pipeline.Fail(pipeline.Infra,
			"timed out", fmt.Errorf("timed out after %s", timeout)))
		defer stop()
	}
	f.raw, f.skipped, f.err = a.guarded(ctx, fence)
	if f.err == nil {
		f.err = pipeline.CheckOutputs(a.call.Task, f.raw)
	}
	if f.err == nil {
		f.raw, f.err = pipeline.Tidy(f.raw)
	}
	// A task that was cut short tells of its own confusion; the cause is ours.
	if cause := context.Cause(ctx); f.err != nil && cause != nil {
		f.err = cause
	}
	f.took = now().Sub(a.began)
	f.tail = a.log.lastLines()
	if f.err != nil {
		fmt.Fprintf(a.log, "[slipway] attempt %d failed after %s: %v\n", a.number, f.took.Round(time.Millisecond), f.err)
	}
	a.log.Close()
	return f
}

// guarded turns a panic into a failure of this one task: never retried, for
// the same bytes would panic again.
func (a *attempt) guarded(ctx context.Context, fence func() error) (raw pipeline.Raw, skipped bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(a.log, "panic: %v\n%s", p, debug.Stack())
			err = pipeline.Fail(pipeline.Unknown, fmt.Sprintf("panic: %v", p), fmt.Errorf("panic: %v", p))
		}
	}()
	if a.call.Task.Effect == pipeline.Once {
		raw, ok, err := a.kind.Probe(ctx, a.call)
		if err != nil {
			return raw, false, fmt.Errorf("asking whether it already happened: %w", err)
		}
		if ok {
			fmt.Fprintln(a.log, "[slipway] already happened; nothing to do")
			return raw, true, nil
		}
		if err := fence(); err != nil {
			return raw, false, err
		}
	}
	raw, err = a.kind.Run(ctx, a.call)
	return raw, false, err
}

// report is the task's Call.Progress.
func (a *attempt) report(done, total int64, unit string) {
	a.log.touch()
	a.mu.Lock()
	a.progress.done, a.progress.total, a.progress.unit = done, total, unit
	a.mu.Unlock()
}

func (a *attempt) latest() progress {
	a.mu.Lock()
	p := a.progress
	a.mu.Unlock()
	p.heard = a.log.lastHeard()
	return p
}

// trouble is what the journal says about a failed attempt: the error, then the
// last lines of its log.
func (f finish) trouble(redact func(string) string) pipeline.Trouble {
	why := pipeline.TroubleOf(f.call.Task, f.err)
	if len(f.tail) > 0 {
		why.Text += "\nthe last lines of its log:\n  " + strings.Join(f.tail, "\n  ")
	}
	why.Cause, why.Text = redact(why.Cause), redact(why.Text)
	return why
}
