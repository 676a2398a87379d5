package release

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"slipway/cache"
	"slipway/cache/filesystem"
	"slipway/release/pipeline"
)

// Below resolves a path of slipway.yaml against the file's directory.
func Below(root, p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(root, filepath.FromSlash(p))
}

// site is a publish directory being written to. Files arrive under a name that
// nobody looks at and appear whole, by a link that fails where something else
// stands: nothing is ever overwritten.
type site struct {
	root    *os.Root
	staging string          // below .slipway, of one task
	dirty   map[string]bool // directories to sync before the task may end
}

const stagingTop = ".slipway"

func openSite(dir, task string) (*site, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	s := &site{root: root, staging: path.Join(stagingTop, task), dirty: map[string]bool{}}
	err = root.RemoveAll(s.staging) // what a killed attempt of this task left
	for tries := 3; err == nil; tries-- {
		if err = root.MkdirAll(s.staging, 0o755); err == nil {
			return s, nil
		}
		if tries > 1 { // a task that ended may have taken the empty top away under us
			err = notThere(err)
		}
	}
	// A root's errors name no place.
	return nil, errors.Join(fmt.Errorf("writing in %s: %w", dir, err), root.Close())
}

// publishSite opens the publish directory for a task.
func (e Env) publishSite(c pipeline.Call, dir string) (*site, error) {
	s, err := openSite(Below(e.Root, dir), short(c.Key))
	return s, pipeline.Fail(pipeline.Infra, "the publish directory cannot be written", err)
}

// offerSite is publishSite for what users get or are told, which no release may
// have overtaken.
func (e Env) offerSite(c pipeline.Call, dir string, k planned) (*site, error) {
	if err := k.overtaken(Below(e.Root, dir)); err != nil {
		return nil, err
	}
	return e.publishSite(c, dir)
}

// close makes sure that what was placed outlives a power cut. A task that is
// done is done.
func (s *site) close() error {
	err := errors.Join(s.root.RemoveAll(s.staging), s.flush())
	if rest, rerr := fs.ReadDir(s.root.FS(), stagingTop); rerr == nil && len(rest) == 0 {
		// Another task may have come meanwhile; then it stays.
		_ = s.root.Remove(stagingTop)
	}
	return errors.Join(err, s.root.Close())
}

// flush makes what was placed so far outlive a power cut, before what comes next
// relies on it.
func (s *site) flush() error {
	var err error
	for _, dir := range sortedKeys(s.dirty) {
		err = errors.Join(err, s.syncDir(dir))
	}
	clear(s.dirty)
	return err
}

// has tells whether name is there with these bytes. Other bytes are a clash.
func (s *site) has(name string, want cache.Digest) (bool, error) {
	f, err := s.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return false, err
	}
	if got := cache.Digest("sha256:" + hex.EncodeToString(h.Sum(nil))); got != want {
		return false, pipeline.Fail(pipeline.Clash, "other bytes are published under that name",
			fmt.Errorf("%s has %d bytes with %s; ours have %s, and nothing is overwritten", name, n, got, want))
	}
	return true, nil
}

// place publishes what r gives as name. The bytes must have the digest.
func (s *site) place(name string, r io.Reader, want cache.Digest) error {
	if there, err := s.has(name, want); there || err != nil {
		return err
	}
	tmp := path.Join(s.staging, want.Hex())
	if err := s.stage(tmp, r, want); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := s.mkdirs(path.Dir(name)); err != nil {
		return err
	}
	err := s.root.Link(tmp, name)
	if errors.Is(err, fs.ErrExist) { // somebody was faster: perhaps with the same
		if there, herr := s.has(name, want); there || herr != nil {
			err = herr
		}
	}
	s.dirty[path.Dir(name)] = true
	return errors.Join(err, s.root.Remove(tmp))
}

func (s *site) stage(tmp string, r io.Reader, want cache.Digest) error {
	f, err := s.root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, h), r)
	if err := errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	if got := cache.Digest("sha256:" + hex.EncodeToString(h.Sum(nil))); got != want {
		return fmt.Errorf("read bytes with %s, want %s", got, want)
	}
	return nil
}

// mkdirs makes a directory and those above it that are missing, readable for
// the web server whatever the umask of whoever runs us.
func (s *site) mkdirs(dir string) error {
	if _, err := s.root.Stat(dir); dir == "." || err == nil {
		return err
	}
	if err := s.mkdirs(path.Dir(dir)); err != nil {
		return err
	}
	if err := s.root.Mkdir(dir, 0o755); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil // by a task beside us
		}
		return err
	}
	s.dirty[path.Dir(dir)] = true
	return s.root.Chmod(dir, 0o755)
}

func (s *site) syncDir(dir string) error {
	d, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(filesystem.SyncDir(d), d.Close())
}

// placeBlob publishes bytes of the cache.
func (e Env) placeBlob(ctx context.Context, s *site, name string, d cache.Digest) error {
	if there, err := s.has(name, d); there || err != nil {
		return err
	}
	in, err := e.Store.Get(ctx, d)
	if err != nil {
		return err
	}
	defer in.Close()
	return s.place(name, in, d)
}
