package engine

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"

	"slipway/release/pipeline"
)

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
