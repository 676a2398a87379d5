package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

func (a *app) watchCommand() *cobra.Command {
	var (
		show    showFlags
		exitOn  string
		timeout time.Duration
		all     bool
	)
	cmd := &cobra.Command{
		Use:   "watch RELEASE",
		Short: "follow a release that another process runs, and end with its exit code",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			over, err := exitWhen(exitOn)
			if err != nil {
				return usage(err, "slipway help watch")
			}
			printer, err := show.printer(a)
			if err != nil {
				return err
			}
			return a.withRun(cmd.Context(), args[0], func(j *engine.Journal, run engine.Run) error {
				ctx, stop := interruptible(cmd.Context(), timeout)
				defer stop()
				t := &tail{j: j, id: run.ID, printer: printer, seen: run.Seq}
				if all {
					t.seen = 0
				}
				return a.watch(ctx, t, over)
			})
		},
	}
	cmd.Flags().StringVar(&exitOn, "exit-on", "", "end at the first `MOMENT`: done, failed (a task failed) or held (at a gate); default: when the engine ends")
	cmd.Flags().DurationVar(&timeout, "timeout", 0, "end after `DURATION`; the release goes on")
	cmd.Flags().BoolVar(&all, "all", false, "begin with the first event instead of the next")
	show.add(cmd)
	return cmd
}

// exitWhen is the moment at which watching ends. Done always ends it.
func exitWhen(moment string) (func(*engine.Snapshot) bool, error) {
	switch moment {
	case "", "done":
		return func(s *engine.Snapshot) bool { return !s.Run.Driven() }, nil
	case "failed":
		return func(s *engine.Snapshot) bool { return !s.Run.Driven() || s.Counts.Failed > 0 }, nil
	case "held", "hold":
		return func(s *engine.Snapshot) bool { return !s.Run.Driven() || s.Counts.Held > 0 }, nil
	}
	return nil, fmt.Errorf("--exit-on %s: want done, failed or held", moment)
}

func (a *app) watch(ctx context.Context, t *tail, over func(*engine.Snapshot) bool) error {
	tick := time.NewTicker(tailEvery)
	defer tick.Stop()
	for {
		s, fresh, err := t.look(context.WithoutCancel(ctx))
		if err == nil {
			err = t.printer.show(s, fresh)
		}
		if err != nil {
			return err
		}
		if s.Run.Standing == pipeline.Done || over(s) {
			if err := t.printer.end(s); err != nil {
				return err
			}
			return verdict(s)
		}
		select {
		case <-ctx.Done():
			if err := t.printer.end(s); err != nil {
				return err
			}
			return judge(ctx, standingOf(s), false)
		case <-tick.C:
		}
	}
}

// verdict is the exit code of the run as it stands; one that still moves is
// told by what made watching end.
func verdict(s *engine.Snapshot) error {
	out := standingOf(s)
	if out.Standing == pipeline.Moving || out.Standing == pipeline.Pausing {
		switch {
		case s.Counts.Failed > 0:
			out.Standing = pipeline.Broken
		case s.Counts.Held > 0:
			out.Standing = pipeline.AtGate
		case out.Standing == pipeline.Pausing: // by a person, who lifts it
		default:
			return fail(exitInterrupted, errors.New(summary(s)), "slipway run "+out.Run)
		}
	}
	return judge(context.Background(), out, false)
}
