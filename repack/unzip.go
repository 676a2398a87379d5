package repack

import (
	"archive/zip"
	"fmt"
	"io"
	"io/fs"

	"github.com/klauspost/compress/flate"
)

// unzip feeds the entries of a zip archive to s.
func unzip(r io.ReaderAt, size int64, s *sink) error {
	if err := checkZip(r, size, s.lim); err != nil {
		return err
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return err
	}
	z.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	if most := s.lim.unpacked(size); most < s.left {
		s.left = most
	}
	for n, f := range z.File {
		if err := zipFile(f, s); err != nil {
			return fmt.Errorf("entry %d %q: %w", n+1, f.Name, err)
		}
	}
	return nil
}

func zipFile(f *zip.File, s *sink) error {
	mode, err := zipMode(f)
	if err != nil {
		return err
	}
	if mode.IsDir() {
		if f.UncompressedSize64 != 0 {
			return fmt.Errorf("directory of %d bytes", f.UncompressedSize64)
		}
		return s.dir(f.Name)
	}
	most := s.lim.unpacked(int64(f.CompressedSize64))
	if f.UncompressedSize64 > uint64(most) {
		return fmt.Errorf("%d packed bytes unpack to %d: refused as a bomb", f.CompressedSize64, f.UncompressedSize64)
	}
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	if mode&fs.ModeSymlink != 0 {
		target, err := io.ReadAll(io.LimitReader(r, maxPath+1))
		if err != nil {
			return err
		}
		return s.symlink(f.Name, string(target))
	}
	// The header's size is a promise until zip has counted; hold it to it.
	size := int64(f.UncompressedSize64)
	return s.file(f.Name, uint32(mode.Perm()), size, capReader(r, size, int64(f.CompressedSize64)))
}

// Bits of a Unix mode, in the upper half of a zip entry's attributes.
const (
	unixType    = 0o170000
	unixRegular = 0o100000
	unixDir     = 0o040000
	unixSymlink = 0o120000
	creatorUnix = 3
	creatorMac  = 19 // macOS, same attributes as Unix
)

func zipMode(f *zip.File) (fs.FileMode, error) {
	isDir := f.Name != "" && f.Name[len(f.Name)-1] == '/'
	if c := f.CreatorVersion >> 8; c != creatorUnix && c != creatorMac || f.ExternalAttrs>>16 == 0 {
		// Made on Windows: no Unix mode to keep.
		if isDir {
			return fs.ModeDir | 0o755, nil
		}
		return 0o644, nil
	}
	unix := f.ExternalAttrs >> 16
	perm := fs.FileMode(unix & 0o777)
	switch kind := unix & unixType; {
	case kind == unixDir || kind == 0 && isDir:
		if !isDir {
			return 0, fmt.Errorf("two readings: mode of a directory, name of a file")
		}
		return fs.ModeDir | perm, nil
	case isDir:
		return 0, fmt.Errorf("two readings: mode %#o of a file, name of a directory", unix)
	case unix&0o7000 != 0:
		return 0, fmt.Errorf("mode %#o: set-user-ID, set-group-ID and sticky files are not shipped", unix)
	case kind == unixSymlink:
		return fs.ModeSymlink | perm, nil
	case kind == unixRegular || kind == 0:
		return perm, nil
	}
	return 0, fmt.Errorf("mode %#o: only files, directories and links are unpacked", unix)
}
