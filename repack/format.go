package repack

import "fmt"

// Format is a kind of archive.
type Format string

const (
	Tar    Format = "tar"
	TarGz  Format = "tar.gz"
	TarXz  Format = "tar.xz"
	TarBz2 Format = "tar.bz2" // read only: releases before 2024 have it, new ones do not
	Zip    Format = "zip"
)

// Check refuses formats that are not ours.
func (f Format) Check() error {
	switch f {
	case Tar, TarGz, TarXz, TarBz2, Zip:
		return nil
	}
	return fmt.Errorf("archive format %q: want tar.gz, tar.xz, tar.bz2, tar or zip", string(f))
}
