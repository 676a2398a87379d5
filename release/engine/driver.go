package engine

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"slipway/release/pipeline"
)

// driver is one engine's hold on one run.
type driver struct {
	*core
	e    *Engine
	spec RunSpec

	attending *os.File // locked until this engine ends

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
	return d.standing(ctx, d.stands(), d.info.Halt, time.Time{})
}

// stands is where the release stands while this engine lives. One whose scope is
// done, or failed, ends at once, and tells of the whole release as it leaves.
func (d *driver) stands() pipeline.Standing {
	s := d.m.Standing()
	switch {
	case d.info.Halt != nil && d.info.Halt.Verb == verbStop:
		return pipeline.Stopped
	case d.spec.Scope != nil && (s == pipeline.Done || s == pipeline.Broken):
		return pipeline.Moving
	}
	return s
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
	case pipeline.Moving:
		return out, false
	case pipeline.Pausing:
		return out, !d.spec.Wait
	case pipeline.AtGate:
		if out.Counts.Failed+out.Counts.Cancelled > 0 && !d.spec.KeepGoing {
			out.Standing = pipeline.Broken
			return out, true
		}
		return out, !d.spec.Wait
	}
	return out, true
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
