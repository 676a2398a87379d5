package filesystem

import (
	"errors"
	"os"
	"path/filepath"
)

// Rename gives a file that is on the disk its name, for good: a loss of power right
// after does not take the name back. A file that gets no name is removed.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return errors.Join(err, os.Remove(from))
	}
	dir, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	return errors.Join(SyncDir(dir), dir.Close())
}
