package cache

import (
	"os"

	"slipway/cache/filesystem"
)

// lock waits for the store's lock; closing the file gives it up.
func (d *disk) lock() (*os.File, error) {
	f, err := d.root.OpenFile(lockFile, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, err
	}
	if err := filesystem.Lock(f); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
