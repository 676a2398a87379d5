package release

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// clearScratch removes the directory that a task worked in. It gets another
// name first: what still runs there writes where nobody looks. Build tools take
// the right to write from what they keep, Go's from its module cache; it is
// given back.
func clearScratch(dir string) error {
	left := dir + ".left"
	if err := removeAll(left); err != nil {
		return err
	}
	if err := os.Rename(dir, left); err != nil {
		return notThere(err)
	}
	return removeAll(left)
}

func removeAll(dir string) error {
	err := os.RemoveAll(dir)
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(path, 0o700) // WalkDir has not read it yet
		}
		return err
	})
	return os.RemoveAll(dir)
}
