package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"slipway/release/pipeline"
	"slipway/release/text"
)

// Engine runs graphs on this machine.
type Engine struct {
	Journal *Journal
	Kinds   pipeline.Registry
	Pools   map[string]int           // slots of each pool; those not named have one per processor
	Has     func(digest string) bool // is a result's file still in the cache? nil: yes
	Secrets *text.Secrets            // never written to a log or the journal; may be nil
	Now     func() time.Time
}

// RunSpec is one release candidate and what is asked of this run of it.
type RunSpec struct {
	Product string
	Version string
	Build   int
	Channel string // or several, joined by +: runs that share one exclude each other
	By      string // who starts it
	Why     string

	Graph      pipeline.Graph
	PlanDigest string
	Plan       []byte // kept, so that a run can go on from its name alone
	Origin     string // absolute path of the plan's file

	// Replan lets a run that began with another plan go on with this one.
	// What the change does not touch is not done again; gates whose bytes
	// changed close again.
	Replan bool
	// Scope limits the run to some tasks and what they need; nil is all.
	Scope func(pipeline.Task) bool
	// Wait stays at gates until people open them, and while the release is paused.
	// Without it the run ends there, to be continued.
	Wait bool
	// KeepGoing goes on through gates although tasks have failed.
	KeepGoing bool
}

// ErrOtherPlan refuses to go on with another plan than the run began with.
var ErrOtherPlan = errors.New("began with another plan")

// ErrStopped refuses to run a candidate that was halted.
var ErrStopped = errors.New("was stopped")

// Run drives a release until nothing can move: everything in scope passed, or
// what is left waits for people or needs what failed. It goes on from
// whatever an earlier run of the same candidate left. When ctx ends, running
// tasks are cut short, waited for, and done again next time.
func (e *Engine) Run(ctx context.Context, spec RunSpec) (Outcome, error) {
	if problems := spec.Graph.Check(e.Kinds); len(problems) > 0 {
		return Outcome{}, fmt.Errorf("graph of %s: %w", RunID(spec.Product, spec.Version, spec.Build), errors.Join(problems...))
	}
	if out, done, err := e.finished(ctx, spec); done || err != nil {
		return out, err
	}
	d, err := e.begin(ctx, spec)
	if err != nil {
		return Outcome{}, err
	}
	defer d.attending.Close()
	defer d.close()
	out, err := d.drive(ctx)
	// Whatever happened, nothing that was started is left running.
	d.cutAll(errEnding)
	d.workers.Wait()
	if leaveErr := d.leave(out, err); err == nil {
		err = leaveErr
	}
	return out, err
}
