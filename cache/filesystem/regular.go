package filesystem

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// OpenRegular opens a file for reading that others name or make. A pipe or a
// device would keep us waiting, or never end: it is refused.
func OpenRegular(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: not a regular file", path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
