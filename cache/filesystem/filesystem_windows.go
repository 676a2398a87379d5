package filesystem

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// Lock waits for the lock on f. Closing f gives the lock up, and so does the
// end of the process.
func Lock(f *os.File) error { return lockFile(f, windows.LOCKFILE_EXCLUSIVE_LOCK) }

// TryLock is Lock without waiting: ErrLocked if another holds it.
func TryLock(f *os.File) error {
	return lockFile(f, windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY)
}

func tryShare(f *os.File) error { return lockFile(f, windows.LOCKFILE_FAIL_IMMEDIATELY) }

// lockFile locks the last byte that a file could have: here a lock keeps others
// from reading what it covers.
func lockFile(f *os.File, how uint32) error {
	end := &windows.Overlapped{Offset: ^uint32(0), OffsetHigh: ^uint32(0) >> 1}
	err := windows.LockFileEx(windows.Handle(f.Fd()), how, 0, 1, 0, end)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return ErrLocked
	}
	if err != nil {
		return fmt.Errorf("locking %s: %w", f.Name(), err)
	}
	return nil
}

// dirLock stands in a directory while it is locked.
const dirLock = ".slipway-lock"

// LockDir takes the lock on a directory below root, or returns ErrLocked.
// Closing the file gives it up. Windows locks no directory, so a file in it that
// cannot be opened twice stands for it; it vanishes with its holder.
func LockDir(root *os.Root, dir string) (*os.File, error) {
	path := filepath.Join(root.Name(), filepath.FromSlash(dir), dirLock)
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	const shared = 0
	h, err := windows.CreateFile(name, windows.GENERIC_WRITE|windows.DELETE, shared, nil, windows.OPEN_ALWAYS,
		windows.FILE_ATTRIBUTE_HIDDEN|windows.FILE_FLAG_DELETE_ON_CLOSE, 0)
	if errors.Is(err, windows.ERROR_SHARING_VIOLATION) {
		return nil, ErrLocked
	}
	if err != nil {
		return nil, &os.PathError{Op: "lock", Path: path, Err: err}
	}
	return os.NewFile(uintptr(h), path), nil
}

// SyncDir has nothing to do: Windows flushes no directory, and NTFS keeps a
// journal of names.
func SyncDir(*os.File) error { return nil }

// Free is how many bytes a user may still write below dir.
func Free(dir string) (int64, error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var free uint64
	err = windows.GetDiskFreeSpaceEx(name, &free, nil, nil)
	return int64(free), err
}
