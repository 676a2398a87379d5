package release

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"slipway/cache"
	"slipway/release/pipeline"
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
func readTree(ctx context.Context, store *cache.Store, dir string) (cache.Tree, error) {
	var t cache.Tree
	root, err := os.OpenRoot(dir)
	if err != nil {
		return t, err
	}
	defer root.Close()
	parents := map[string]bool{}
	var dirs []string
	err = fs.WalkDir(root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == "." {
			return err
		}
		parents[filepath.Dir(p)] = true
		if d.IsDir() {
			dirs = append(dirs, p)
			return nil
		}
		e := cache.Entry{Path: p, Mode: 0o644}
		if d.Type() == fs.ModeSymlink {
			e.Mode = 0o777
			e.Link, err = root.Readlink(p)
			t.Entries = append(t.Entries, e)
			return err
		}
		if !d.Type().IsRegular() {
			return pipeline.Fail(pipeline.Input, "the output holds what no package can", fmt.Errorf("%q is of type %s; want files, directories and links", p, d.Type()))
		}
		f, err := root.Open(p)
		if err != nil {
			return err
		}
		defer f.Close()
		st, err := f.Stat()
		if err != nil {
			return err
		}
		if st.Mode()&0o111 != 0 {
			e.Mode = 0o755
		}
		blob, err := store.Put(ctx, f)
		e.Blob, e.Size = blob.Digest, blob.Size
		t.Entries = append(t.Entries, e)
		return err
	})
	t.Dirs = slices.DeleteFunc(dirs, func(d string) bool { return parents[d] })
	t.Sort()
	return t, err
}
