package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"slipway/release/pipeline"
)

// finished tells whether all of this is done already. Then nothing happens, and
// no lock is needed: the next release may have it by now.
func (e *Engine) finished(ctx context.Context, spec RunSpec) (Outcome, bool, error) {
	ctx = context.WithoutCancel(ctx) // as begin
	l, err := openLedger(ctx, e.Journal, RunID(spec.Product, spec.Version, spec.Build))
	if err != nil {
		return Outcome{}, false, err
	}
	defer l.close()
	info, err := e.Journal.runOf(ctx, l.conn, l.run)
	if errors.Is(err, ErrNoRun) {
		return Outcome{}, false, nil
	}
	if err != nil || info.Standing != pipeline.Done || info.Plan != spec.PlanDigest {
		return Outcome{}, false, err
	}
	g, has := storedGraph{Graph: spec.Graph, Versions: spec.Graph.Versions(e.Kinds)}, e.Has
	if !info.Ended.IsZero() {
		// All of it was done once. A later slipway, whose tasks have other keys, or
		// a trimmed cache is no reason to publish an old release again.
		has = nil
		if g, err = graphOf(ctx, l.conn, info.graph); err != nil {
			return Outcome{}, false, err
		}
	}
	c, err := restore(ctx, l, info, g, spec.Scope, has, e.Now)
	if err != nil {
		return Outcome{}, false, err
	}
	out := c.outcome()
	return out, out.Standing == pipeline.Done, nil
}

// begin takes the lock, notes the run and folds the journal.
func (e *Engine) begin(ctx context.Context, spec RunSpec) (*driver, error) {
	id := RunID(spec.Product, spec.Version, spec.Build)
	ending := context.Cause(ctx) // told to end before it began: it still notes what it found
	ctx = context.WithoutCancel(ctx)
	l, err := openLedger(ctx, e.Journal, id)
	if err != nil {
		return nil, err
	}
	d := &driver{
		e: e, spec: spec, ending: ending,
		running: map[int]*attempt{}, retries: map[int]time.Time{}, reported: map[int]progress{},
		free: map[string]int{},
	}
	if d.attending, err = e.attend(ctx, l, spec); err == nil {
		err = l.within(ctx, func() error { return d.hold(ctx, l, id) })
	}
	if err != nil {
		l.close()
		d.attending.Close()
		return nil, err
	}
	slots := 0
	for _, pool := range d.m.Pools() {
		d.free[pool] = e.slots(pool)
		slots += d.free[pool]
	}
	d.done = make(chan finish, slots)
	return d, nil
}

// hold takes the lock and folds the journal, in one transaction.
func (d *driver) hold(ctx context.Context, l *ledger, id string) error {
	e, spec, now := d.e, d.spec, d.e.Now()
	lock, err := e.Journal.take(ctx, l.conn, resource(spec.Product, spec.Channel), id, spec.By, spec.Why, now)
	if err != nil {
		return err
	}
	g := storedGraph{Graph: spec.Graph, Versions: spec.Graph.Versions(e.Kinds)}
	info, began, err := e.note(ctx, l, spec, g, now)
	if err != nil {
		return err
	}
	d.core, err = restore(ctx, l, info, g, spec.Scope, e.Has, e.Now)
	if err != nil {
		return err
	}
	chosen, err := l.chosen(ctx)
	if err != nil {
		return err
	}
	began.Fence = lock.Fence
	if _, err := d.event(ctx, began); err != nil {
		return err
	}
	if err := d.afresh(ctx, chosen); err != nil {
		return err
	}
	l.lock = lock
	return nil
}

// note writes the run's row and its graph, and checks that it is the same run.
func (e *Engine) note(ctx context.Context, l *ledger, spec RunSpec, g storedGraph, now time.Time) (Run, Event, error) {
	began := Event{Type: RunEvent, At: now, By: spec.By, What: "began", Plan: spec.PlanDigest, Text: spec.Why}
	digest := g.Graph.Digest(g.Versions)
	info, err := e.Journal.runOf(ctx, l.conn, l.run)
	switch {
	case errors.Is(err, ErrNoRun):
		info = Run{
			ID: l.run, Product: spec.Product, Version: spec.Version, Build: spec.Build, Channel: spec.Channel,
			Began: now, By: spec.By, Standing: pipeline.Moving,
		}
	case err != nil:
		return Run{}, began, err
	case info.Halt != nil && info.Halt.Verb == verbStop:
		return Run{}, began, fmt.Errorf("%s %w by %s", info.ID, ErrStopped, info.Halt)
	case info.Plan != spec.PlanDigest && !spec.Replan:
		return Run{}, began, fmt.Errorf("%s %w: %s then, %s now", info.ID, ErrOtherPlan, info.Plan, spec.PlanDigest)
	case info.Plan != spec.PlanDigest:
		began.What = "replanned"
	default:
		began.What = "continued"
	}
	info.Plan, info.Channel, info.Origin, info.graph = spec.PlanDigest, spec.Channel, spec.Origin, digest
	info.Tasks, info.Ended = len(spec.Graph.Tasks), time.Time{}
	body, err := json.Marshal(g)
	if err != nil {
		return Run{}, began, err
	}
	if _, err := l.conn.ExecContext(ctx, `INSERT INTO graphs (digest, body) VALUES (?,?) ON CONFLICT DO NOTHING`, digest, body); err != nil {
		return Run{}, began, err
	}
	halt := ""
	if info.Halt != nil {
		b, err := json.Marshal(info.Halt)
		if err != nil {
			return Run{}, began, err
		}
		halt = string(b)
	}
	_, err = l.conn.ExecContext(ctx, `INSERT OR REPLACE INTO runs
		(id, product, version, build, channel, plan, plan_body, origin, graph, tasks, began, began_by, standing, halt, head_seq, head_hash)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		info.ID, info.Product, info.Version, info.Build, info.Channel, info.Plan, spec.Plan, info.Origin, digest, info.Tasks,
		millis(info.Began), info.By, string(pipeline.Moving), halt, l.seq, l.hash)
	return info, began, err
}

// leave notes the end and gives back what this engine held. The lock itself
// stays with a run that is not finished; that all in this engine's scope is done
// does not finish it.
func (d *driver) leave(out Outcome, cause error) error {
	if errors.Is(cause, ErrFenced) {
		return nil // nothing here is ours any more
	}
	ctx := context.Background()
	err := d.within(ctx, func() error {
		what := "ended"
		text := ""
		switch {
		case cause != nil:
			what, text = "broke off", d.e.Secrets.Redact(cause.Error())
		case d.ending != nil && out.Standing != pipeline.Stopped:
			what = "interrupted"
		}
		stands := out.Standing
		if d.spec.Scope != nil {
			whole, err := idle(ctx, d.ledger, d.info, d.now)
			if err != nil {
				return err
			}
			stands = whole.outcome().Standing
		}
		free := cause == nil && (stands == pipeline.Done || stands == pipeline.Stopped)
		var ended time.Time
		if free {
			ended = d.now()
		}
		if _, err := d.event(ctx, Event{Type: RunEvent, At: d.now(), What: what, Text: text, Standing: stands}); err != nil {
			return err
		}
		if err := d.standing(ctx, stands, d.info.Halt, ended); err != nil {
			return err
		}
		return d.lock.leave(ctx, d.conn, free)
	})
	if err != nil {
		return err
	}
	return d.note()
}
