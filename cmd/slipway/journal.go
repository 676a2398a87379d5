package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"slipway/release/engine"
	"slipway/release/pipeline"
	"slipway/release/text"
)

// openJournal opens the journal for a verb that may write it.
func (a *app) openJournal() (*engine.Journal, error) {
	return engine.Open(a.statePlace().path)
}

// readJournal opens the journal for a verb that only looks; where there is
// none, nothing is made and nothing is there.
func (a *app) readJournal() (*engine.Journal, error) {
	dir := a.statePlace().path
	if _, err := os.Stat(filepath.Join(dir, "journal.db")); errors.Is(err, os.ErrNotExist) {
		return nil, fail(exitUsage, fmt.Errorf("no release has run yet: no journal in %s", dir), "slipway run PLAN")
	}
	return engine.Open(dir)
}

// withRun finds a release for a verb that looks at it.
func (a *app) withRun(ctx context.Context, name string, look func(*engine.Journal, engine.Run) error) error {
	j, err := a.readJournal()
	if err != nil {
		return err
	}
	defer j.Close()
	run, err := j.Run(ctx, name)
	if errors.Is(err, engine.ErrNoRun) {
		return a.unknownRun(ctx, j, name)
	}
	if err != nil {
		return err
	}
	return look(j, run)
}

// unknownRun names the releases that there are.
func (a *app) unknownRun(ctx context.Context, j *engine.Journal, name string) error {
	runs, err := j.Runs(ctx)
	if err != nil {
		return err
	}
	var near []string
	for _, r := range runs {
		if len(near) < 5 && (strings.Contains(r.ID, name) || strings.HasPrefix(name, r.Product) || len(runs) <= 5) {
			near = append(near, r.ID)
		}
	}
	err = fmt.Errorf("no release %q", name)
	if len(near) > 0 {
		err = fmt.Errorf("no release %q; there are %s", name, strings.Join(near, ", "))
	}
	return fail(exitUsage, err, "slipway ls")
}

// send speaks to a release and prints the answer.
func (a *app) send(ctx context.Context, cmd engine.Command) error {
	j, err := a.readJournal()
	if err != nil {
		return err
	}
	defer j.Close()
	if _, err := j.Run(ctx, cmd.Run); errors.Is(err, engine.ErrNoRun) {
		return a.unknownRun(ctx, j, cmd.Run)
	}
	answer, err := j.Send(ctx, cmd, time.Now)
	if err != nil {
		return declined(err, cmd)
	}
	fmt.Fprintln(a.stdout, answer)
	run, err := j.Run(ctx, cmd.Run)
	if err != nil {
		return err
	}
	if !run.Driven() && run.Standing != pipeline.Stopped && run.Standing != pipeline.Done {
		fmt.Fprintf(a.stderr, "no engine is running; next: %s\n", next(run, cmd))
	}
	return nil
}

// next is what moves a release, that no engine drives, on from what was just said.
func next(run engine.Run, cmd engine.Command) string {
	switch {
	case run.Halt != nil:
		return "slipway resume " + run.ID
	case cmd.Verb == "reject":
		return "slipway retry " + run.ID + " " + cmd.Gate + ", once it is mended"
	}
	return "slipway run " + run.ID
}

// declined gives a refused command its code.
func declined(err error, cmd engine.Command) error {
	status := "slipway status " + cmd.Run
	switch {
	case errors.Is(err, pipeline.ErrNotAllowed), errors.Is(err, pipeline.ErrNotReached):
		return fail(exitNotAllowed, err, status)
	case errors.Is(err, pipeline.ErrOtherBytes), errors.Is(err, pipeline.ErrTookEffect):
		return fail(exitConflict, err, status)
	case errors.Is(err, pipeline.ErrNoSuchTask):
		return fail(exitUsage, err, "slipway task ls "+cmd.Run)
	}
	var refused *engine.RefusedError
	if errors.As(err, &refused) {
		return fail(exitConflict, err, status)
	}
	return err
}

// actor is who does this: the user of this system, unless told otherwise.
func actor(by string) string {
	if by != "" {
		return by
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return fmt.Sprintf("uid-%d", os.Getuid())
}

// byFlag lets somebody else be named as actor.
func byFlag(cmd *cobra.Command, by *string) {
	cmd.Flags().StringVar(by, "by", "", "who does this, when it is not the user `NAME` of this system")
}

// waits says whom a gate waits for.
func waits(g pipeline.Waited) string {
	var parts []string
	for _, m := range g.Missing {
		parts = append(parts, fmt.Sprintf("%s %d of %d", m.Role, m.Have, m.Need))
	}
	return fmt.Sprintf("gate %s waits for %s", g.Gate, strings.Join(parts, ", "))
}

// word is a state as people read it, the same everywhere.
func word(s pipeline.State) string {
	switch s {
	case pipeline.Waiting:
		return "wait"
	case pipeline.Running:
		return "run"
	case pipeline.Passed:
		return "ok"
	case pipeline.Failed:
		return "FAIL"
	case pipeline.Retrying:
		return "retry"
	case pipeline.Held:
		return "HOLD"
	case pipeline.Blocked:
		return "block"
	}
	return "skip"
}

// span is a duration as people read it: 41s, 2m03s, 1h42m.
func span(d time.Duration) string {
	switch d = max(0, d); {
	case d < time.Second:
		return fmt.Sprintf("%dms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
}

// firstLine is the part of an error that fits a line, safe to print.
func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return text.Sanitize(line)
}

// clock is how times of the journal are printed.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }
