package updates

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"slipway/cache"
	"slipway/cache/filesystem"
	"slipway/updates/mar"
)

// workDir holds, inside the directory that is updated (renames must stay on
// one file system), what an update has staged and set aside. It is gone when
// the update is over, whatever its end.
const workDir = ".slipway-update"

// ApplyDir runs a package on a real directory, all or nothing. Everything new
// is unpacked, patched and written aside first; only then are files moved, by
// a journal that says how to move them back. An error leaves the directory as
// it was. So does a crash, as soon as [RecoverDir] or another ApplyDir has
// looked at the directory.
func ApplyDir(ctx context.Context, parsed *mar.Archive, dir string) error {
	d, err := openDir(dir)
	if err != nil {
		return err
	}
	defer d.close()
	if err := d.recover(); err != nil {
		return err
	}
	return d.apply(ctx, parsed)
}

// RecoverDir undoes what an ApplyDir that was killed has begun, or clears away
// what one that had finished did not get to. On any other directory it does
// nothing.
func RecoverDir(dir string) error {
	d, err := openDir(dir)
	if err != nil {
		return err
	}
	defer d.close()
	return d.recover()
}

// ErrBusy says that another process updates the directory.
var ErrBusy = errors.New("another update is at work here")

// directory is an installation that is being updated.
type directory struct {
	root  *os.Root
	lock  *os.File
	syncs *syncs
	made  atomic.Int64 // files staged so far
	most  int64        // that a package may unpack to; see unpacked
	// moved, when set by a test, is called after each change.
	moved func() error
}

// openDir opens and locks the directory; the lock leaves no file behind.
func openDir(dir string) (*directory, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	lock, err := filesystem.LockDir(root, ".")
	if err != nil {
		root.Close()
		if errors.Is(err, filesystem.ErrLocked) {
			err = fmt.Errorf("%s: %w", dir, ErrBusy)
		}
		return nil, err
	}
	return &directory{root: root, lock: lock, syncs: newSyncs()}, nil
}

func (d *directory) close() {
	d.lock.Close()
	d.root.Close()
}

func (d *directory) apply(ctx context.Context, parsed *mar.Archive) (err error) {
	a, err := openArchive(parsed)
	if err != nil {
		return err
	}
	for _, e := range a.Entries {
		if strings.HasPrefix(e.Name+"/", workDir+"/") {
			return refuse(mar.Accepts, "entry %q: the directory %s is ours while an update runs", e.Name, workDir)
		}
	}
	before, err := d.scan()
	if err != nil {
		return err
	}
	if err := d.root.Mkdir(workDir, 0o700); err != nil {
		return err
	}
	defer func() {
		if err != nil && !errors.Is(err, errKilled) {
			err = errors.Join(err, d.recover())
		}
	}()
	x := &execution{a: a, b: &Builder{}, read: d.read, put: d.put, memo: newMemo()}
	after, err := x.apply(ctx, before)
	if err != nil {
		return err
	}
	return d.transition(ctx, before, after)
}

// errKilled is what a test's moved returns to die without cleaning up.
var errKilled = errors.New("killed")

// Contents in a directory are named by where they are, not by their digest:
// nothing that stays as it is has to be read.
const (
	onDisk   = "disk:"
	onStaged = "staged:"
)

// scan lists the directory. What is neither file nor directory is listed as a
// link, which no update touches.
func (d *directory) scan() (cache.Tree, error) {
	var t cache.Tree
	err := fs.WalkDir(d.root.FS(), ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		switch {
		case err != nil:
			return err
		case e.IsDir() && !utf8.ValidString(p): // a user's own: no manifest can name it
			t.Entries = append(t.Entries, cache.Entry{Path: p, Link: "directory"})
			return fs.SkipDir
		case e.IsDir():
			t.Dirs = append(t.Dirs, p)
		case info.Mode().IsRegular():
			t.Entries = append(t.Entries, cache.Entry{
				Path: p, Mode: uint32(info.Mode().Perm()), Size: info.Size(), Blob: cache.Digest(onDisk + p),
			})
		default:
			t.Entries = append(t.Entries, cache.Entry{Path: p, Link: info.Mode().Type().String()})
		}
		return nil
	})
	t.Sort()
	return t, err
}

func (d *directory) read(_ context.Context, e cache.Entry) ([]byte, error) {
	if e.Size > maxFile {
		return nil, fmt.Errorf("%q: %d bytes, want at most %d", e.Path, e.Size, maxFile)
	}
	place, ok := strings.CutPrefix(string(e.Blob), onDisk)
	if !ok {
		place = strings.TrimPrefix(string(e.Blob), onStaged)
	}
	return d.root.ReadFile(place)
}

func (d *directory) put(_ context.Context, data []byte) (cache.Blob, error) {
	place, err := d.stage(data)
	return cache.Blob{Digest: cache.Digest(onStaged + place), Size: int64(len(data))}, err
}

// stage writes contents aside and returns where.
func (d *directory) stage(data []byte) (string, error) {
	place := path.Join(workDir, "new-"+strconv.FormatInt(d.made.Add(1), 10))
	f, err := d.root.OpenFile(place, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	return place, errors.Join(err, d.syncs.wrote(f), f.Close())
}
