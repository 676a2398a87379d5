package release

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"slipway/cache"
	"slipway/release/pipeline"
	"slipway/updates"
)

// stepEnv is the whole environment of a build step. What a person has set does
// not reach it, except the search path and what the configuration passes on.
func stepEnv(dir, rev string, args stepArgs) ([]string, error) {
	home, tmp := stepDirs(dir)
	if err := errors.Join(os.MkdirAll(home, 0o755), os.MkdirAll(tmp, 0o755)); err != nil {
		return nil, err
	}
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + tmp,
		"LC_ALL=C.UTF-8", "TZ=UTC", "SLIPWAY_REVISION=" + rev,
	}
	for _, k := range sortedKeys(args.Env) {
		env = append(env, k+"="+args.Env[k])
	}
	for _, k := range args.Pass {
		if v, ok := os.LookupEnv(k); ok {
			env = append(env, k+"="+v)
		}
	}
	return env, nil
}

// stepDirs are a step's HOME and TMPDIR in a scratch directory.
func stepDirs(dir string) (home, tmp string) {
	return filepath.Join(dir, "home"), filepath.Join(dir, "tmp")
}

// runStep runs one program without a shell. It gets a process group of its
// own, so that stopping it stops what it started too.
func runStep(ctx context.Context, dir string, env, argv []string, log io.Writer) error {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, log, log
	inOwnGroup(cmd)
	cmd.WaitDelay = 3 * time.Second // a grandchild may hold the log open
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, exec.ErrWaitDelay):
		return nil // the step ended well; what it left running is ended behind the last one
	}
	return err
}

// readTree puts a directory into the cache. Modes are 0755 for programs and
// 0644 for the rest: the umask of whoever runs us must not reach a package.
func (e Env) readTree(ctx context.Context, dir string) (cache.Tree, error) {
	b := &updates.Builder{Store: e.Store}
	t, err := b.ReadDir(ctx, dir)
	if errors.Is(err, updates.ErrKind) {
		err = pipeline.Fail(pipeline.Input, "the output holds what no package can", err)
	}
	for i, f := range t.Entries {
		switch {
		case f.Link != "":
		case f.Mode&0o111 != 0:
			t.Entries[i].Mode = 0o755
		default:
			t.Entries[i].Mode = 0o644
		}
	}
	return t, err
}
