package cache

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"sync"
	"sync/atomic"

	"slipway/cache/filesystem"
)

// disk keeps entries as files:
//
//	blobs/HEX              bytes
//	keys/HEX               records
//	tmp/SESSION/N          entries in the making, one directory per process
//	bad/CLASS.HEX.SESSION.N  what was found damaged
//	lock                   held while a session starts and sweeps
//	totals.json            counts of all sessions
//
// All access goes through an os.Root, all names are single hex words and a
// file counts only if it is a plain file with one name, mode 0600 and our
// owner: a link, planted or not, may change under our hands.
type disk struct {
	root    *os.Root
	begin   func() error       // starts the session before the first write; looking needs none
	session string             // tmp/SESSION, locked while this process lives
	hold    *os.File           // the lock on it
	dirs    map[Class]*os.File // to sync after a rename
	serial  atomic.Int64
}

const (
	tmpDir   = "tmp"
	lockFile = "lock"

	fileMode = 0o600
	dirMode  = 0o700
)

func openDisk(dir string) (*disk, error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	d := &disk{root: root, dirs: map[Class]*os.File{}}
	d.begin = sync.OnceValue(d.startSession)
	if err := d.openDirs(); err != nil {
		d.Close()
		return nil, fmt.Errorf("cache %s: %w", dir, err)
	}
	return d, nil
}

func (d *disk) openDirs() error {
	for _, name := range []string{string(Blobs), string(Results), tmpDir, string(Bad)} {
		if err := d.ownDir(name); err != nil {
			return err
		}
	}
	for _, c := range []Class{Blobs, Results} {
		f, err := d.root.Open(string(c))
		if err != nil {
			return err
		}
		d.dirs[c] = f
	}
	return nil
}

// ownDir makes sure that name is a directory of ours that nobody else can
// enter. A symbolic link in its place is refused, not followed.
func (d *disk) ownDir(name string) error {
	if err := d.root.Mkdir(name, dirMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := d.root.Lstat(name)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%q is %s, not a directory: remove it", name, kindOf(info.Mode()))
	}
	return d.keepOut(name, info)
}

// sweep removes what dead processes left unfinished.
func (d *disk) sweep() error {
	entries, err := fs.ReadDir(d.root.FS(), tmpDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := path.Join(tmpDir, e.Name())
		if e.IsDir() {
			alive, err := d.locked(name)
			if err != nil {
				return err
			}
			if alive {
				continue
			}
		}
		if err := d.root.RemoveAll(name); err != nil {
			return err
		}
	}
	return nil
}

func (d *disk) locked(name string) (bool, error) {
	f, err := filesystem.LockDir(d.root, name)
	if errors.Is(err, filesystem.ErrLocked) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, f.Close()
}

func (d *disk) startSession() error {
	// Under the lock nobody else is between making a session and locking it,
	// so a session whose lock is free belongs to a process that died.
	lock, err := d.lock()
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := d.sweep(); err != nil {
		return err
	}
	d.session = rand.Text()
	name := path.Join(tmpDir, d.session)
	if err := d.root.Mkdir(name, dirMode); err != nil {
		return err
	}
	if err := d.root.Chmod(name, dirMode); err != nil { // whatever the umask
		return err
	}
	d.hold, err = filesystem.LockDir(d.root, name)
	return err
}

func (d *disk) Close() error {
	var errs []error
	if d.hold != nil {
		errs = append(errs, d.endSession())
	}
	for _, f := range d.dirs {
		errs = append(errs, f.Close())
	}
	return errors.Join(append(errs, d.root.Close())...)
}

// endSession holds the lock so that no sweep meets a session that is half gone.
func (d *disk) endSession() error {
	lock, err := d.lock()
	if err != nil {
		return errors.Join(err, d.hold.Close()) // the next sweep removes the rest
	}
	defer lock.Close()
	// What Windows keeps locked in there could not be removed.
	return errors.Join(d.hold.Close(), d.root.RemoveAll(path.Join(tmpDir, d.session)))
}
