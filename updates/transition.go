package updates

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"slipway/cache"
)

// transition turns the directory from before into after.
func (d *directory) transition(ctx context.Context, before, after cache.Tree) error {
	moves, err := d.plan(ctx, before, after)
	if err != nil {
		return err
	}
	if err := d.syncs.names(d.root, []string{workDir}); err != nil { // what is staged, before the journal counts on it
		return err
	}
	if err := d.writeJournal(moves); err != nil {
		return err
	}
	for _, step := range []func(move) error{d.setAside, d.makeDir, d.putInPlace, d.removeDir} {
		for _, m := range moves {
			if err := step(m); err != nil {
				return fmt.Errorf("%q: %w", m.Path, err)
			}
		}
	}
	if err := d.syncDirs(moves); err != nil {
		return err
	}
	if err := d.writeFile(committedPath, nil); err != nil {
		return err
	}
	return d.clear()
}

// plan lists the moves so that undoing them backwards works at every point:
// vanished files, new directories (parents first), new and changed files,
// vanished directories (children first).
func (d *directory) plan(ctx context.Context, before, after cache.Tree) ([]move, error) {
	had, has := directories(before), directories(after)
	var moves []move
	backup := func() string { return path.Join(workDir, "old-"+strconv.Itoa(len(moves))) }
	for _, e := range before.Entries {
		if _, ok := after.Lookup(e.Path); !ok {
			moves = append(moves, move{Path: diskPath(e.Path), Backup: backup()})
		}
	}
	for _, p := range has {
		if _, ok := slices.BinarySearch(had, p); !ok {
			moves = append(moves, move{Path: diskPath(p), Dir: dirMade, Mode: 0o755})
		}
	}
	used, total := map[string]bool{}, unpacked{most: d.most}
	for _, e := range after.Entries {
		place, staged := strings.CutPrefix(string(e.Blob), onStaged)
		if !staged {
			continue
		}
		if err := cmp.Or(context.Cause(ctx), total.add(e.Size)); err != nil {
			return nil, err
		}
		if used[place] { // equal entries were unpacked once
			var err error
			if place, err = d.stageAgain(place); err != nil {
				return nil, err
			}
		}
		used[place] = true
		m := move{Path: diskPath(e.Path), Staged: place, Mode: fs.FileMode(e.Mode)}
		if _, ok := before.Lookup(e.Path); ok {
			m.Backup = backup()
		} else if err := d.notTaken(e.Path, before, after); err != nil {
			return nil, err
		}
		moves = append(moves, m)
	}
	for _, p := range slices.Backward(had) {
		if _, ok := slices.BinarySearch(has, p); !ok {
			info, err := d.root.Stat(p)
			if err != nil {
				return nil, err
			}
			moves = append(moves, move{Path: diskPath(p), Dir: dirRemoved, Mode: info.Mode().Perm()})
		}
	}
	return moves, nil
}

// notTaken refuses a new file that the file system takes for another: written
// over "File", "file" could not be taken back. One that the update removes is
// out of the way by then.
func (d *directory) notTaken(p string, before, after cache.Tree) error {
	if info, err := d.root.Lstat(p); err != nil || info.IsDir() {
		return nil // no directory is written over
	}
	leaves := func(e cache.Entry) bool {
		_, stays := after.Lookup(e.Path)
		return !stays && strings.EqualFold(e.Path, p)
	}
	if slices.ContainsFunc(before.Entries, leaves) {
		return nil
	}
	return fmt.Errorf("%q is new, but this file system takes it for a file that stays: they differ in case, say", p)
}

func (d *directory) stageAgain(place string) (string, error) {
	data, err := d.root.ReadFile(place)
	if err != nil {
		return "", err
	}
	return d.stage(data)
}

func (d *directory) setAside(m move) error {
	if m.Backup == "" {
		return nil
	}
	return d.after(d.root.Rename(string(m.Path), m.Backup))
}

func (d *directory) makeDir(m move) error {
	if m.Dir != dirMade {
		return nil
	}
	if err := d.root.Mkdir(string(m.Path), m.Mode); err != nil {
		return err
	}
	return d.after(d.root.Chmod(string(m.Path), m.Mode)) // whatever the umask
}

func (d *directory) putInPlace(m move) error {
	if m.Staged == "" {
		return nil
	}
	if err := d.root.Chmod(m.Staged, m.Mode); err != nil {
		return err
	}
	return d.after(d.root.Rename(m.Staged, string(m.Path)))
}

func (d *directory) removeDir(m move) error {
	if m.Dir != dirRemoved {
		return nil
	}
	return d.after(d.root.Remove(string(m.Path)))
}

// after is the place where tests break in.
func (d *directory) after(err error) error {
	if err == nil && d.moved != nil {
		err = d.moved()
	}
	return err
}

// syncDirs makes the renames durable.
func (d *directory) syncDirs(moves []move) error {
	seen := map[string]bool{}
	for _, m := range moves {
		seen[path.Dir(string(m.Path))] = true
	}
	return d.syncs.names(d.root, slices.Sorted(maps.Keys(seen)))
}

func (d *directory) sync(p string) error { return onDir(d.root, p, d.syncs.dir) }
