package updates

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
)

// recover undoes an update that did not commit and clears away its traces.
func (d *directory) recover() error {
	if _, err := d.root.Lstat(workDir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	_, err := d.root.Lstat(committedPath)
	if err == nil {
		return d.clear()
	}
	b, err := d.root.ReadFile(journalPath)
	if errors.Is(err, fs.ErrNotExist) {
		return d.clear() // nothing has been moved
	}
	var moves []move
	if err == nil {
		err = json.Unmarshal(b, &moves)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", journalPath, err)
	}
	for _, m := range slices.Backward(moves) {
		if err := d.undo(m); err != nil {
			return fmt.Errorf("undoing %q: %w", m.Path, err)
		}
	}
	if err := d.syncDirs(moves); err != nil {
		return err
	}
	return d.clear()
}

// undo takes back one move, however far it got; doing it twice is no harm.
func (d *directory) undo(m move) error {
	exists := func(p string) bool { _, err := d.root.Lstat(p); return err == nil }
	at := string(m.Path)
	switch {
	case m.Dir == dirMade:
		if !exists(at) {
			return nil
		}
		if info, err := d.root.Lstat(at); err != nil || !info.IsDir() {
			return err // the file that a directory was to replace: still or again here
		}
		return d.root.Remove(at)
	case m.Dir == dirRemoved:
		if exists(at) {
			return nil
		}
		if err := d.root.Mkdir(at, m.Mode); err != nil {
			return err
		}
		return d.root.Chmod(at, m.Mode)
	case m.Backup != "" && exists(m.Backup):
		// The new file, if it is there, goes first: on Windows one that may not
		// be written is not replaced.
		if err := d.root.Remove(at); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return d.root.Rename(m.Backup, at)
	case m.Backup == "" && exists(at) && !exists(m.Staged):
		return d.root.Remove(at) // a new file
	}
	return nil
}

// clear removes the work directory, the marks last: a crash in between leaves
// either the commit or nothing that was moved.
func (d *directory) clear() error {
	entries, err := fs.ReadDir(d.root.FS(), workDir)
	if err != nil {
		return err
	}
	last := func(name string) int {
		return slices.Index([]string{path.Base(journalPath), path.Base(committedPath)}, name)
	}
	slices.SortStableFunc(entries, func(a, b fs.DirEntry) int { return last(a.Name()) - last(b.Name()) })
	for _, e := range entries {
		if err := d.root.Remove(path.Join(workDir, e.Name())); err != nil {
			return err
		}
	}
	if err := d.root.Remove(workDir); err != nil {
		return err
	}
	return d.sync(".")
}
