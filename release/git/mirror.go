package git

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"slipway/cache/filesystem"
)

// Mirror is our bare copy of one repository.
type Mirror struct {
	Name string // the repository's name in the plan
	URL  string // where it was fetched from and is pushed to
	git  *Git
	dir  string
}

// Mirror opens the mirror of a repository, making it when it is not there. It
// does not fetch: [Mirror.Need] does, when a revision is missing.
func (g *Git) Mirror(ctx context.Context, name, url string) (*Mirror, error) {
	if err := errors.Join(CheckRef(name), CheckURL(url)); err != nil {
		return nil, err
	}
	// git runs in the mirror, so the way there must not depend on where we are.
	home, err := filepath.Abs(g.Dir)
	if err != nil {
		return nil, err
	}
	m := &Mirror{Name: name, URL: url, git: g, dir: filepath.Join(home, place(name, url))}
	unlock, err := m.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if m.whole() {
		return m, nil
	}
	return m, m.init(ctx)
}

// place is a mirror's own directory. Every product calls a repository main, and
// two URLs in one mirror would prune each other's refs.
func place(name, url string) string {
	sum := sha256.Sum256([]byte(url))
	return fmt.Sprintf("%s-%x.git", strings.ReplaceAll(name, "/", "%"), sum[:6])
}

// whole tells whether git will take the mirror for a repository: one that was
// killed, or lost power, while it was made has some of these.
func (m *Mirror) whole() bool {
	for _, name := range []string{"HEAD", "config", "objects", "refs"} {
		if _, err := os.Stat(filepath.Join(m.dir, name)); err != nil {
			return false
		}
	}
	return true
}

// init makes the mirror beside its place, where it appears whole or not at all.
func (m *Mirror) init(ctx context.Context) error {
	made := m.dir + ".new"
	if err := errors.Join(os.RemoveAll(made), os.RemoveAll(m.dir), os.MkdirAll(made, 0o755)); err != nil {
		return err
	}
	// --template= keeps a person's template directory, and its hooks, out.
	if _, err := m.git.output(ctx, made, nil, nil, "init", "--bare", "--quiet", "--template=", "."); err != nil {
		return err
	}
	return os.Rename(made, m.dir)
}

// Need makes sure that the mirror holds a revision, fetching once if not.
func (m *Mirror) Need(ctx context.Context, rev string) error {
	if err := CheckRevision(rev); err != nil {
		return err
	}
	if m.has(ctx, rev) {
		return nil
	}
	if err := m.Fetch(ctx); err != nil {
		return err
	}
	if !m.has(ctx, rev) {
		return m.absent(rev)
	}
	return nil
}

func (m *Mirror) absent(rev string) error {
	return fmt.Errorf("repository %s (%s) has no commit %s", m.Name, m.URL, rev)
}

func (m *Mirror) has(ctx context.Context, rev string) bool {
	_, err := m.run(ctx, "cat-file", "-e", rev+"^{commit}")
	return err == nil
}

// ErrGone tells of a revision that the mirror holds and its repository has let go.
var ErrGone = errors.New("no branch or tag leads to it any more: it was pushed away; plan the revision that took its place")

// Reachable asks the repository whether a branch or tag still leads to each
// revision. A mirror keeps what was pushed away, and nobody else would notice.
func (m *Mirror) Reachable(ctx context.Context, revs ...string) error {
	return m.fetched(ctx, func() error {
		var errs []error
		for _, rev := range revs {
			errs = append(errs, m.reachable(ctx, rev))
		}
		return errors.Join(errs...)
	})
}

func (m *Mirror) reachable(ctx context.Context, rev string) error {
	if err := CheckRevision(rev); err != nil {
		return err
	}
	if !m.has(ctx, rev) {
		return m.absent(rev)
	}
	out, err := m.run(ctx, "for-each-ref", "--count=1", "--contains", rev, "--format=%(refname)", "refs/remote")
	if err == nil && out == "" {
		err = fmt.Errorf("repository %s (%s), revision %s: %w", m.Name, m.URL, rev, ErrGone)
	}
	return err
}

// Fetch brings all branches and tags of the remote. Tags go to a name space
// of their own: they are evidence to compare with, not names to build from.
func (m *Mirror) Fetch(ctx context.Context) error {
	return m.fetched(ctx, func() error { return nil })
}

// fetched fetches, and asks before another fetch may move or remove refs.
func (m *Mirror) fetched(ctx context.Context, ask func() error) error {
	unlock, err := m.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if err := m.sweep(); err != nil {
		return err
	}
	_, err = m.run(ctx, "fetch", "--quiet", "--no-tags", "--force", "--prune", "--end-of-options", m.URL,
		"+refs/heads/*:refs/remote/heads/*", "+refs/tags/*:refs/remote/tags/*")
	if err != nil {
		// Now, and not at the next fetch: the disk may be full of it.
		return errors.Join(fmt.Errorf("fetching %s: %w", m.Name, err), m.sweep())
	}
	return ask()
}

// sweep removes what a git left that broke off: locks of refs, which it would
// refuse for ever to write again, and half packs, which nobody else removes.
// Nobody else is at work, for the mirror is ours alone and [Mirror.lock] is held;
// and no ref has such a name.
func (m *Mirror) sweep() error {
	objects := filepath.Join(m.dir, "objects")
	return filepath.WalkDir(m.dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case d.IsDir():
			if filepath.Dir(path) == objects && d.Name() != "pack" {
				return fs.SkipDir
			}
			return nil
		case strings.HasSuffix(path, ".lock"), strings.HasPrefix(path, filepath.Join(objects, "pack", "tmp_")):
			return os.Remove(path)
		}
		return nil
	})
}

func (m *Mirror) run(ctx context.Context, args ...string) (string, error) {
	out, err := m.git.output(ctx, m.dir, nil, nil, args...)
	return string(out), err
}

func (m *Mirror) feed(ctx context.Context, in []byte, env []string, args ...string) (string, error) {
	return m.git.line(ctx, m.dir, bytes.NewReader(in), env, args...)
}

// lock serialises what changes a mirror, between processes too.
func (m *Mirror) lock() (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(m.dir), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(m.dir+".lock", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := filesystem.Lock(f); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil // closing releases the lock
}
