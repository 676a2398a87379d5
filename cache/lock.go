package cache

import (
	"os"
	"syscall"
)

// lock waits for the store's lock; closing the file gives it up.
func (d *disk) lock() (*os.File, error) {
	f, err := d.root.OpenFile(lockFile, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, err
	}
	if err := flock(f, syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// flock waits for the lock, or not, as how says; a signal does not end the wait.
func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if err != syscall.EINTR {
			return err
		}
	}
}
