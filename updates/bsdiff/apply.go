package bsdiff

import (
	"fmt"
)

// The formats, by the magic that a patch begins with.
const (
	MBDIFF10 = mbdiffMagic
	BSDIFF40 = bsdiffMagic
)

// Header is what a patch says about itself. Control, Diff and Extra are the
// lengths of its parts as stored, so BSDIFF40's are compressed.
type Header struct {
	Format               string
	OldSize              int64  // -1 in BSDIFF40, which does not tell
	OldCRC               uint32 // CRC-32/BZIP2; none in BSDIFF40
	NewSize              int64
	Control, Diff, Extra int64
}

// Inspect returns the header of a patch. An MBDIFF10 is checked as far as it
// can be without the old file: every length and every triple.
func Inspect(patch []byte) (Header, error) {
	switch magic(patch) {
	case MBDIFF10:
		m, err := parseMBDIFF10(patch)
		if err != nil {
			return Header{}, err
		}
		return m.Header, nil
	case BSDIFF40:
		return parseBSDIFF40(patch)
	}
	return Header{}, unknown(patch)
}

// Apply returns the new file that patch makes of old, at most limit bytes.
// The patch is not trusted: nothing is read or allocated by its word alone.
func Apply(old, patch []byte, limit int64) ([]byte, error) {
	switch magic(patch) {
	case MBDIFF10:
		m, err := parseMBDIFF10(patch)
		if err != nil {
			return nil, err
		}
		if m.NewSize > limit {
			return nil, fmt.Errorf("%w: patch makes %d bytes, limit is %d", ErrLimit, m.NewSize, limit)
		}
		if err := m.fits(old); err != nil {
			return nil, err
		}
		return m.apply(old), nil
	case BSDIFF40:
		return applyBSDIFF40(old, patch, limit)
	}
	return nil, unknown(patch)
}

func magic(patch []byte) string {
	return string(patch[:min(len(patch), len(mbdiffMagic))])
}

func unknown(patch []byte) error {
	return fmt.Errorf("%w: begins with %q, want %q or %q", ErrCorrupt, magic(patch), MBDIFF10, BSDIFF40)
}
