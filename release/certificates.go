package release

import (
	"fmt"
	"io"

	"slipway/cache/filesystem"
)

// maxCertificates bounds a file of certificates: a long chain has 20 kB.
const maxCertificates = 1 << 20

func readCertificates(root, path string) ([]byte, error) {
	f, err := filesystem.OpenRegular(Below(root, path))
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
