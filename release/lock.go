package release

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"slipway/cache/filesystem"
)

// withRolloutLock does a thing while nobody else changes what clients of the
// product are told: halts, resumptions and steps are kept apart.
func (e Env) withRolloutLock(ctx context.Context, product string, do func() error) error {
	return e.withLock(ctx, product, func() {}, do)
}

// withLock does a thing while nobody else with this state directory does one of
// that name. It calls busy, once, when it has to wait for one. A holder that dies
// gives the lock back.
func (e Env) withLock(ctx context.Context, name string, busy func(), do func() error) error {
	dir := filepath.Join(e.State, "rollout")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, name+".lock"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	if err = filesystem.TryLock(f); errors.Is(err, filesystem.ErrLocked) {
		busy()
		err = filesystem.WaitLock(ctx, f)
	}
	if err == nil {
		err = do()
	}
	return errors.Join(err, f.Close())
}
