package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"slipway/updates/mar"
)

// extract writes the entries as stored into the working directory, over what
// is there. Each appears whole or not at all: the scripts pack what they find.
func (c compatArgs) extract(archive *mar.Archive) error {
	root, err := os.OpenRoot(c.at("."))
	if err != nil {
		return err
	}
	defer root.Close()
	for i, e := range archive.Entries {
		if err := root.MkdirAll(path.Dir(e.Name), 0o755); err != nil {
			return err
		}
		b, err := archive.Bytes(i, mar.MaxSize)
		if err != nil {
			return err
		}
		if err := replaceIn(root, e.Name, b, fs.FileMode(e.Mode)); err != nil {
			return err
		}
	}
	return nil
}

// replaceIn makes the file of that name, or leaves what was there.
func replaceIn(root *os.Root, name string, b []byte, mode fs.FileMode) error {
	aside := path.Join(path.Dir(name), ".slipway-"+rand.Text())
	f, err := root.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer removedOnSignal(f)()
	_, err = f.Write(b)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = root.Rename(aside, name)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", name, withoutPath(err)), root.Remove(aside))
	}
	return nil
}
