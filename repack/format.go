package repack

import (
	"fmt"
	"strings"
)

// Format is a kind of archive.
type Format string

const (
	Tar    Format = "tar"
	TarGz  Format = "tar.gz"
	TarXz  Format = "tar.xz"
	TarBz2 Format = "tar.bz2" // read only: releases before 2024 have it, new ones do not
	Zip    Format = "zip"
)

// suffixes are what users call the formats; the first of a format is ours.
var suffixes = []struct {
	suffix string
	format Format
}{
	{".tar.gz", TarGz},
	{".tgz", TarGz},
	{".tar.xz", TarXz},
	{".txz", TarXz},
	{".tar.bz2", TarBz2},
	{".tbz2", TarBz2},
	{".tar", Tar},
	{".zip", Zip},
}

// FormatOf tells the format of an archive by its name.
func FormatOf(name string) (Format, error) {
	low := strings.ToLower(name)
	for _, s := range suffixes {
		if strings.HasSuffix(low, s.suffix) && len(low) > len(s.suffix) {
			return s.format, nil
		}
	}
	return "", fmt.Errorf("archive %q: want a name ending in .tar.gz, .tar.xz, .tar.bz2, .tar or .zip", name)
}

// Check refuses formats that are not ours.
func (f Format) Check() error {
	switch f {
	case Tar, TarGz, TarXz, TarBz2, Zip:
		return nil
	}
	return fmt.Errorf("archive format %q: want tar.gz, tar.xz, tar.bz2, tar or zip", string(f))
}
