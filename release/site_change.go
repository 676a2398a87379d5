package release

import (
	"errors"
	"io/fs"
	"os"
	"path"

	"slipway/cache"
)

// What clients are told changes with each release: these files are replaced,
// moved and removed, where deliverables are only ever added.

// replace writes a file that is meant to change: indexes of what is published.
func (s *site) replace(name string, text []byte) error {
	if old, err := s.root.ReadFile(name); err == nil && string(old) == string(text) {
		return nil
	}
	sum := cache.Sum(text)
	tmp := path.Join(s.staging, sum.Hex())
	f, err := s.root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close(), s.mkdirs(path.Dir(name))); err != nil {
		return err
	}
	s.dirty[path.Dir(name)] = true
	return s.root.Rename(tmp, name)
}

// remove deletes a file that may be gone already.
func (s *site) remove(name string) error {
	err := s.root.Remove(name)
	if err == nil {
		s.dirty[path.Dir(name)] = true
	}
	return notThere(err)
}

// move takes a file elsewhere in the publish directory, in one instant.
func (s *site) move(from, to string) error {
	if err := s.mkdirs(path.Dir(to)); err != nil {
		return err
	}
	s.dirty[path.Dir(from)], s.dirty[path.Dir(to)] = true, true
	return s.root.Rename(from, to)
}

// walk visits each file below top; one that is not there has none.
func (s *site) walk(top string, visit func(name string) error) error {
	return fs.WalkDir(s.root.FS(), top, func(name string, d fs.DirEntry, err error) error {
		if name == top && errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		return visit(name)
	})
}

// strays removes the files below top that are not kept, of those that are ours.
func (s *site) strays(top string, keep map[string]bool, ours func(name string) bool) error {
	return s.walk(top, func(name string) error {
		if keep[name] || !ours(name) {
			return nil
		}
		return s.remove(name)
	})
}
