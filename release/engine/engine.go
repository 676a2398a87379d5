package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
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
	// Wait stays at gates until people open them. Without it the run ends
	// there, to be continued.
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

// driver is one engine's hold on one run.
type driver struct {
	*core
	e    *Engine
	spec RunSpec

	running  map[int]*attempt
	free     map[string]int // slots by pool
	done     chan finish
	retries  map[int]time.Time // when a retrying task goes again
	workers  sync.WaitGroup
	launches []*attempt
	ending   error // why the engine ends before its work does
	reported map[int]progress
	noted    int64 // seq of the head last noted outside the database
	version  int64 // of the database, when commands were last looked for
}

// drive is the engine's loop. Each turn is one transaction: what ended, what
// people asked, what follows, and the intent to start what may start. Only
// when that is on disk are the attempts begun.
func (d *driver) drive(ctx context.Context) (Outcome, error) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	beat := time.NewTicker(progressEvery)
	defer beat.Stop()
	var ended []finish
	commands := true // there may be some from before
	for {
		if d.ending == nil {
			d.ending = context.Cause(ctx)
		}
		if err := d.within(ctx, func() error { return d.turn(ctx, ended, commands) }); err != nil {
			return d.outcome(), err
		}
		d.launch(ctx)
		if commands {
			if err := d.note(); err != nil {
				return d.outcome(), err
			}
		}
		ended, commands = nil, false
		if out, over := d.over(); over {
			return out, nil
		}
		stop := ctx.Done()
		if d.ending != nil {
			d.cutAll(errEnding)
			stop = nil
		}
		for len(ended) == 0 && !commands {
			select {
			case f := <-d.done:
				ended = d.drain([]finish{f})
			case <-stop:
				commands = true // one more turn, which begins nothing
			case <-poll.C:
				asked, err := d.asked(ctx)
				if err != nil {
					return d.outcome(), err
				}
				commands = asked || d.due()
			case <-beat.C:
				if err := errors.Join(d.flush(ctx), d.note()); err != nil {
					return d.outcome(), err
				}
			}
		}
	}
}

// drain adds what else has ended meanwhile: one fsync for all of it.
func (d *driver) drain(ended []finish) []finish {
	for {
		select {
		case f := <-d.done:
			ended = append(ended, f)
		default:
			return ended
		}
	}
}

func (d *driver) turn(ctx context.Context, ended []finish, commands bool) error {
	ctx = context.WithoutCancel(ctx)
	for _, f := range ended {
		if err := d.ended(ctx, f); err != nil {
			return err
		}
	}
	if commands {
		if err := d.obey(ctx); err != nil {
			return err
		}
	}
	for _, i := range d.dueTasks() {
		delete(d.retries, i)
		d.m.Again(i)
	}
	if err := d.settle(ctx); err != nil {
		return err
	}
	if err := d.record(ctx, Event{}); err != nil {
		return err
	}
	if err := d.start(ctx); err != nil {
		return err
	}
	return d.standing(ctx, d.outcomeStanding(), d.info.Halt, time.Time{})
}

// ended takes in one attempt.
func (d *driver) ended(ctx context.Context, f finish) error {
	i := f.task
	delete(d.running, i)
	delete(d.reported, i)
	d.free[f.call.Task.Pool]++
	id := f.call.Task.ID
	if err := d.exec(ctx, `DELETE FROM progress WHERE run = ? AND task = ?`, d.info.ID, id); err != nil {
		return err
	}
	took := Event{Task: id, Took: f.took.Milliseconds()}
	switch {
	case d.m.State(i) != pipeline.Running: // cancelled by a person meanwhile
	case f.err == nil:
		out, err := pipeline.Output(f.raw)
		if err != nil {
			return err
		}
		out, f.raw, err = d.keep(ctx, f.call.Key, id, out, f.raw, d.now(), d.lost[f.call.Key])
		if err != nil {
			return err
		}
		delete(d.lost, f.call.Key)
		d.raws[i] = f.raw
		if err := d.m.Done(i, out); err != nil {
			return err
		}
		if f.skipped {
			took.Text = "had already happened"
		} else if err := d.learn(ctx, d.info.Product, id, f.took); err != nil {
			return err
		}
	case errors.Is(f.err, errEnding) || d.ending != nil:
		// An interrupt from the keyboard reaches programs that a task started
		// before it reaches us; what they then complain of is no failure.
		d.m.Forget(i)
		took.Text = "interrupted"
	default:
		decision := d.m.Failed(i, f.trouble(d.e.Secrets.Redact))
		if decision.Retry {
			d.retries[i] = d.now().Add(decision.After)
		}
	}
	return d.record(ctx, took)
}

// start takes what may start and journals the intent.
func (d *driver) start(ctx context.Context) error {
	if d.ending != nil {
		return nil
	}
	for _, pool := range d.m.Pools() {
		for _, i := range d.m.Take(pool, d.free[pool]) {
			d.free[pool]--
			t := d.m.Task(i)
			a := &attempt{task: i, number: d.m.Attempt(i), began: d.now(), kind: d.e.Kinds[t.Kind]}
			a.call = pipeline.Call{Task: t, Key: d.m.Key(i), Run: d.info.ID, Attempt: a.number, Progress: a.report}
			for _, need := range t.Needs {
				a.call.Needs = append(a.call.Needs, d.raws[d.find(need)])
			}
			d.launches = append(d.launches, a)
		}
	}
	return d.record(ctx, Event{})
}

// launch begins the attempts whose intent is on disk.
func (d *driver) launch(ctx context.Context) {
	for _, a := range d.launches {
		ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
		a.cancel = cancel
		a.log = newLog(d.e.Journal.LogPath(d.info.ID, a.call.Task.ID, a.number), d.e.Secrets, d.now)
		a.call.Log = a.log
		d.running[a.task] = a
		d.workers.Go(func() {
			defer cancel(nil)
			fence := func() error { return d.lock.verify(ctx, d.e.Journal.db) }
			d.done <- a.run(ctx, fence, d.now)
		})
	}
	d.launches = nil
}

// over tells whether this run is at its end, for now or for good.
func (d *driver) over() (Outcome, bool) {
	if len(d.running) > 0 {
		return Outcome{}, false
	}
	out := d.outcome()
	if d.ending != nil {
		return out, true
	}
	switch out.Standing {
	case pipeline.Moving, pipeline.Pausing:
		return out, false
	case pipeline.AtGate:
		if out.Counts.Failed+out.Counts.Cancelled > 0 && !d.spec.KeepGoing {
			out.Standing = pipeline.Broken
			return out, true
		}
		return out, !d.spec.Wait
	}
	return out, true
}

func (d *driver) outcomeStanding() pipeline.Standing {
	if d.info.Halt != nil && d.info.Halt.Verb == verbStop {
		return pipeline.Stopped
	}
	return d.m.Standing()
}

// obey applies the commands that wait in the table, oldest first.
func (d *driver) obey(ctx context.Context) error {
	waiting, err := d.commands(ctx)
	if err != nil {
		return err
	}
	for _, w := range waiting {
		if w.cmd.Verb == verbRetry && d.cutting() {
			d.version = 0 // look again: it is answered when those have ended
			continue
		}
		answer, refusal, err := d.apply(ctx, w.cmd)
		if err != nil {
			return err
		}
		kind := ""
		if refusal != nil {
			kind, answer = refusalOf(refusal), refusal.Error()
		}
		err = d.exec(ctx, `UPDATE commands SET answered = ?, refusal = ?, answer = ? WHERE id = ?`, millis(d.now()), kind, answer, w.id)
		if err != nil {
			return err
		}
	}
	d.follow()
	return nil
}

// follow does to running attempts what commands decided about their tasks.
func (d *driver) follow() {
	if d.info.Halt != nil && d.info.Halt.Verb == verbStop && d.ending == nil {
		d.ending = ErrStopped
		d.cutAll(errEnding)
	}
	for i, a := range d.running {
		if d.m.State(i) == pipeline.Cancelled {
			a.cancel(errCancelled)
		}
	}
	for i := range d.retries {
		if d.m.State(i) != pipeline.Retrying {
			delete(d.retries, i)
		}
	}
}

// cutting tells whether an attempt of a cancelled task has yet to end: until
// then the task must not begin again beside it.
func (d *driver) cutting() bool {
	for i := range d.running {
		if d.m.State(i) == pipeline.Cancelled {
			return true
		}
	}
	return false
}

func (d *driver) cutAll(cause error) {
	for _, a := range d.running {
		a.cancel(cause)
	}
}

func (d *driver) due() bool { return len(d.dueTasks()) > 0 }

// dueTasks are the retrying tasks whose backoff has passed, in graph order.
func (d *driver) dueTasks() []int {
	var due []int
	now := d.now()
	for _, i := range slices.Sorted(maps.Keys(d.retries)) {
		if !d.retries[i].After(now) {
			due = append(due, i)
		}
	}
	return due
}

func (e *Engine) slots(pool string) int {
	if n, ok := e.Pools[pool]; ok && n > 0 {
		return n
	}
	return runtime.NumCPU()
}
