package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"slipway/release/engine"
	"slipway/signing"
)

// detach starts this very command again as the engine, in a session of its
// own, and returns once it holds the lock. Nothing that happens to this
// terminal reaches it.
func (a *app) detach(ctx context.Context, j *engine.Journal, spec engine.RunSpec, name string) error {
	id := engine.RunID(spec.Product, spec.Version, spec.Build)
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	log := filepath.Join(j.Dir(), "logs", id, "engine.log")
	if err := os.MkdirAll(filepath.Dir(log), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	before, err := out.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	// The last word on a flag counts.
	args := append(slices.Clone(os.Args[1:]), "--detach=false", "--json=false", "--plain=false", "--progress=plain")
	cmd := exec.Command(exe, args...)
	cmd.Stdout, cmd.Stderr = out, out
	inOwnSession(cmd)
	signing.HandOn(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return early(id, log, before, err)
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		run, err := j.Run(ctx, id)
		if err == nil && run.Lock.Run == id && run.Lock.PID == cmd.Process.Pid {
			fmt.Fprintf(a.stdout, "%s\n", id)
			fmt.Fprintf(a.stderr, "engine process %d; next: slipway watch %s\n", cmd.Process.Pid, id)
			return nil
		}
		if err != nil && !errors.Is(err, engine.ErrNoRun) {
			return err
		}
	}
}

// early tells how an engine ended that was over before anyone saw it run: it
// was refused, or there was nothing left to do. Its words stand in its log, behind
// those of the engines before it.
func early(id, log string, before int64, err error) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	all, readErr := os.ReadFile(log)
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	said := "\n" + string(all[min(before, int64(len(all))):])
	_, said, found := strings.Cut(said, "\nslipway: error: ")
	if !found {
		return fail(exit.ExitCode(), fmt.Errorf("the engine of %s ended at once; see %s", id, log), "slipway status "+id)
	}
	msg, hint, _ := strings.Cut(strings.TrimSuffix(said, "\n"), "\nslipway: hint: ")
	return fail(exit.ExitCode(), errors.New(strings.ReplaceAll(msg, "\n  ", "\n")), cmp.Or(hint, "slipway status "+id))
}
