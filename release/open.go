package release

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// openFile opens a regular file that others name or make. A pipe or a device
// would keep us waiting, or never end.
func openFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("%s: not a regular file", path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// maxCertificates bounds a file of certificates: a long chain has 20 kB.
const maxCertificates = 1 << 20

func readCertificates(root, path string) ([]byte, error) {
	f, err := openFile(Below(root, path))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxCertificates+1))
	if err == nil && len(text) > maxCertificates {
		err = fmt.Errorf("%s: over %d bytes", path, maxCertificates)
	}
	return text, err
}
