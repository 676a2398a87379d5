package engine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"slipway/cache/filesystem"
)

// dying is how long a process may need to die of SIGKILL on a busy machine.
const dying = time.Second

// attend locks a run's file for as long as this engine lives, with patience for
// one that was just killed. A process number would not do: it is given out again,
// and says nothing in another container, which sees the same file.
func (e *Engine) attend(ctx context.Context, l *ledger, spec RunSpec) (*os.File, error) {
	name := e.Journal.attendance(l.run)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	patience, cancel := context.WithTimeout(ctx, dying)
	defer cancel()
	if err = filesystem.WaitLock(patience, f); err == nil {
		return f, nil
	}
	f.Close()
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		held := Lock{Resource: resource(spec.Product, spec.Channel)}
		run, lookErr := e.Journal.runOf(ctx, l.conn, l.run)
		if lookErr == nil { // by the plan that it runs, which may be for other channels
			held = run.Lock
		} else if !errors.Is(lookErr, ErrNoRun) {
			return nil, lookErr
		}
		held.Run = l.run // the other engine may be about to write that
		err = &HeldError{Lock: held, Want: l.run}
	}
	return nil, err
}

func (j *Journal) attendance(run string) string {
	return filepath.Join(j.dir, "engines", run+".lock")
}

// attended tells whether a living engine attends the run.
func (j *Journal) attended(run string) (bool, error) {
	locked, err := filesystem.Locked(j.attendance(run))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return locked, err
}
