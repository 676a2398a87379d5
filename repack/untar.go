package repack

import (
	"archive/tar"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"

	"slipway/updates/xz"
)

// open gives the tar stream inside r, cut off where a bomb would begin.
func open(r io.ReaderAt, size int64, f Format, lim Limits) (io.Reader, error) {
	packed := io.NewSectionReader(r, 0, size)
	limit := lim.unpacked(size)
	switch f {
	case TarGz:
		z, err := gzip.NewReader(packed)
		if err != nil {
			return nil, err
		}
		return capReader(z, limit, size), nil
	case TarBz2:
		return capReader(bzip2.NewReader(packed), limit, size), nil
	case TarXz:
		return xz.NewReader(packed, limit), nil
	default:
		return packed, nil
	}
}

// untar feeds the entries of a tar stream to s.
func untar(r io.Reader, s *sink) error {
	tr := tar.NewReader(r)
	for n := 1; ; n++ {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return onlyZeros(r)
		}
		if err != nil {
			return fmt.Errorf("entry %d: %w", n, err)
		}
		if err := tarEntry(h, tr, s); err != nil {
			return fmt.Errorf("entry %d %q: %w", n, h.Name, err)
		}
	}
}

func tarEntry(h *tar.Header, r io.Reader, s *sink) error {
	if _, ok := h.PAXRecords["SCHILY.xattr.security.capability"]; ok {
		return fmt.Errorf("carries file capabilities, which are not shipped")
	}
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return fmt.Errorf("sparse file: packed bytes and size may lie about each other")
		}
	}
	switch h.Typeflag {
	case tar.TypeReg:
		if h.Mode < 0 || h.Mode > 0o7777 {
			return fmt.Errorf("mode %#o", h.Mode)
		}
		return s.file(h.Name, uint32(h.Mode), h.Size, r)
	case tar.TypeDir:
		return s.dir(h.Name)
	case tar.TypeSymlink:
		return s.symlink(h.Name, h.Linkname)
	case tar.TypeLink:
		return s.hardlink(h.Name, h.Linkname)
	case tar.TypeXGlobalHeader:
		return globalHeader(h.PAXRecords, s)
	}
	return fmt.Errorf("type %q: only files, directories and links are unpacked", h.Typeflag)
}

// globalHeader lets pass what git archive writes, the commit as a comment. Any
// other record has two readings: GNU tar applies it to the entries that follow,
// Go does not.
func globalHeader(records map[string]string, s *sink) error {
	for _, key := range slices.Sorted(maps.Keys(records)) {
		if key != "comment" {
			return fmt.Errorf("global header sets %q of all that follows, which some programs heed and some do not", key)
		}
	}
	return s.countOne()
}

// onlyZeros reads what stands behind the end of the archive. Tar pads with
// zeros; anything else is seen by some programs (tar -i) and not by others.
func onlyZeros(r io.Reader) error {
	buf := make([]byte, 32<<10)
	for {
		n, err := r.Read(buf)
		for _, b := range buf[:n] {
			if b != 0 {
				return fmt.Errorf("data behind the end of the archive")
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
