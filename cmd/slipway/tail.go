package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// printer shows a run as it goes. It only ever sees what the journal says, so
// the process that drives a run and one that watches it print the same.
type printer interface {
	// show takes the events since the last time and the run as it stands.
	show(s *engine.Snapshot, fresh []engine.Event) error
	// end is called once, after the last event.
	end(s *engine.Snapshot) error
}

type showFlags struct {
	plain, json bool
	progress    string
}

func (f *showFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.BoolVar(&f.plain, "plain", false, "one line per change, nothing shortened")
	fl.BoolVar(&f.json, "json", false, "one JSON object per change, the summary last")
	fl.StringVar(&f.progress, "progress", "auto", "`FORM`: auto, bars, plain, json or none")
}

func (f showFlags) printer(a *app) (printer, error) {
	form := f.progress
	switch {
	case f.json:
		form = "json"
	case f.plain:
		form = "plain"
	}
	if form == "auto" {
		form = "plain"
		if isTerminal(a.stdout) && os.Getenv("TERM") != "dumb" {
			form = "bars"
		}
	}
	switch form {
	case "bars":
		if !isTerminal(a.stdout) {
			return nil, usage(errors.New("--progress=bars needs a terminal"), "slipway run PLAN --plain")
		}
		return newBars(a.stdout), nil
	case "plain":
		return &plain{w: a.stdout}, nil
	case "json":
		return &jsonl{w: a.stdout}, nil
	case "none":
		return silent{}, nil
	}
	return nil, usage(fmt.Errorf("--progress=%s: want auto, bars, plain, json or none", f.progress), "slipway help run")
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

type silent struct{}

func (silent) show(*engine.Snapshot, []engine.Event) error { return nil }
func (silent) end(*engine.Snapshot) error                  { return nil }

// tail follows a run's journal and hands what is new to a printer.
type tail struct {
	j       *engine.Journal
	id      string
	printer printer
	view    *engine.View
	from    int64 // the last event that there was when it started
	seen    int64
	quit    chan struct{}
	done    chan struct{}
}

// tailEvery is how often the journal is read: often enough to feel live.
const tailEvery = 150 * time.Millisecond

// startTail follows a run that is about to begin, from what it has so far.
func startTail(ctx context.Context, j *engine.Journal, id string, p printer) (*tail, error) {
	ctx = context.WithoutCancel(ctx) // an engine told to end still tells what it found
	t := &tail{j: j, id: id, printer: p, quit: make(chan struct{}), done: make(chan struct{})}
	run, err := j.Run(ctx, id)
	switch {
	case err == nil:
		t.from, t.seen = run.Seq, run.Seq
	case !errors.Is(err, engine.ErrNoRun):
		return nil, err
	}
	go func() {
		defer close(t.done)
		tick := time.NewTicker(tailEvery)
		defer tick.Stop()
		for {
			select {
			case <-t.quit:
				return
			case <-tick.C:
			}
			_, _ = t.tell(ctx) // what was not read now is read the next time, or stop says that it was not
		}
	}()
	return t, nil
}

// look reads what is new.
func (t *tail) look(ctx context.Context) (s *engine.Snapshot, fresh []engine.Event, err error) {
	if t.view == nil {
		if t.view, err = t.j.View(ctx, t.id); err != nil {
			return nil, nil, err
		}
	}
	if s, err = t.view.Refresh(ctx, time.Now()); err != nil {
		return nil, nil, err
	}
	if s.Run.Seq > t.seen {
		if fresh, err = t.j.History(ctx, t.id, t.seen); err != nil {
			return nil, nil, err
		}
		t.seen = fresh[len(fresh)-1].Seq
	}
	return s, fresh, nil
}

// tell prints what is new. What cannot be printed (a closed terminal) must not
// stop a release; the journal has it all.
func (t *tail) tell(ctx context.Context) (*engine.Snapshot, error) {
	s, fresh, err := t.look(ctx)
	if err == nil && t.printer.show(s, fresh) != nil {
		t.printer = silent{}
	}
	return s, err
}

// stop prints the rest, whatever ended the run. One that was refused before it
// did anything has nothing to tell.
func (t *tail) stop(cause error) error {
	close(t.quit)
	<-t.done
	s, err := t.tell(context.Background())
	switch {
	case errors.Is(err, engine.ErrNoRun):
		return nil
	case err != nil:
		return fmt.Errorf("what happened after event %d was not read, slipway history %s has it: %w", t.seen, t.id, err)
	case cause == nil || t.seen > t.from:
		_ = t.printer.end(s) // as above: printing is not the release
	}
	return nil
}

// standingOf is where a run stands for one who only looks.
func standingOf(s *engine.Snapshot) engine.Outcome {
	out := engine.Outcome{Run: s.Run.ID, Standing: s.Run.Standing, Counts: s.Counts, Causes: s.Causes, Halt: s.Run.Halt}
	for _, g := range s.Gates {
		if g.State == pipeline.Held {
			out.Gates = append(out.Gates, pipeline.Waited{Gate: g.Task, Missing: g.Missing})
		}
	}
	return out
}
