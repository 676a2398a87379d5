//go:build unix

package filesystem

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Lock waits for the lock on f; a signal does not end the wait. Closing f gives
// the lock up, and so does the end of the process.
func Lock(f *os.File) error { return flock(f, unix.LOCK_EX) }

// TryLock is Lock without waiting: ErrLocked if another holds it.
func TryLock(f *os.File) error { return flock(f, unix.LOCK_EX|unix.LOCK_NB) }

func tryShare(f *os.File) error { return flock(f, unix.LOCK_SH|unix.LOCK_NB) }

// LockDir takes the lock on a directory below root, or returns ErrLocked.
// Closing the file gives it up.
func LockDir(root *os.Root, dir string) (*os.File, error) {
	f, err := root.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := TryLock(f); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func flock(f *os.File, how int) error {
	for {
		switch err := unix.Flock(int(f.Fd()), how); err {
		case nil:
			return nil
		case unix.EINTR:
		case unix.EWOULDBLOCK:
			return ErrLocked
		default:
			return fmt.Errorf("locking %s: %w", f.Name(), err)
		}
	}
}

// SyncDir makes the names in a directory durable, dir being open.
func SyncDir(dir *os.File) error { return dir.Sync() }

// Free is how many bytes a user may still write below dir.
func Free(dir string) (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return int64(st.Bavail) * int64(st.Bsize), nil
}
