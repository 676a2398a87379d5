package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"slipway/release/engine"
	"slipway/release/pipeline"
	"slipway/release/text"
)

func (a *app) taskLogCommand() *cobra.Command {
	var (
		attempt int
		follow  bool
		path    bool
	)
	cmd := &cobra.Command{
		Use:   "log RELEASE TASK",
		Short: "print a task's log, of its latest attempt unless told otherwise",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withTask(cmd.Context(), args, func(j *engine.Journal, s *engine.Snapshot, t engine.TaskView) error {
				n := attempt
				if n == 0 {
					n = t.Attempt
				}
				if n == 0 {
					return usage(fmt.Errorf("%s has not run here: it is %s", t.ID, t.State), "slipway task show "+s.Run.ID+" "+t.ID)
				}
				if n < 0 || n > t.Attempt {
					return usage(fmt.Errorf("%s has had %s, and no attempt %d", t.ID, counted(t.Attempt, "attempt", "attempts"), n), "slipway task show "+s.Run.ID+" "+t.ID)
				}
				file := j.LogPath(s.Run.ID, t.ID, n)
				if path {
					fmt.Fprintln(a.stdout, file)
					return nil
				}
				if follow {
					ctx, stop := interruptible(cmd.Context(), 0)
					defer stop()
					return a.followLog(ctx, j, s.Run.ID, t.ID, file)
				}
				return a.printLog(file)
			})
		},
	}
	cmd.Flags().IntVar(&attempt, "attempt", 0, "the `N`th attempt, from 1")
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on printing while the task runs")
	cmd.Flags().BoolVar(&path, "path", false, "print where the log lies instead")
	return cmd
}

// printLog prints a log safely: what a build printed must not act on this
// terminal. A task that printed nothing has no file.
func (a *app) printLog(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return a.copyLog(newLogReader(f))
}

// copyLog prints line by line, a long one in pieces, and stops at the end of
// what there is.
func (a *app) copyLog(r *bufio.Reader) error {
	for {
		line, err := r.ReadSlice('\n')
		if _, werr := io.WriteString(a.stdout, text.SanitizeLines(string(line))); werr != nil {
			return werr
		}
		switch err {
		case nil, bufio.ErrBufferFull:
		case io.EOF:
			return nil
		default:
			return err
		}
	}
}

// newLogReader has room for the longest line that is read whole: a log may hold
// 256 MB without a line's end.
func newLogReader(f io.Reader) *bufio.Reader { return bufio.NewReaderSize(f, 64<<10) }

func (a *app) followLog(ctx context.Context, j *engine.Journal, run, task, path string) error {
	v, err := j.View(ctx, run)
	if err != nil {
		return err
	}
	tick := time.NewTicker(tailEvery)
	defer tick.Stop()
	var r *bufio.Reader
	for {
		s, err := v.Refresh(context.WithoutCancel(ctx), time.Now())
		if err != nil {
			return err
		}
		t, err := taskNamed(s, task)
		if err != nil {
			return err
		}
		if r == nil {
			if f, err := os.Open(path); err == nil {
				defer f.Close() // once: r stays set
				r = newLogReader(f)
			}
		}
		if r != nil {
			if err := a.copyLog(r); err != nil {
				return err
			}
		}
		if t.State != pipeline.Running {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
