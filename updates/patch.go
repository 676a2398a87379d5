package updates

import (
	"bytes"
	"errors"
	"fmt"

	"slipway/updates/bsdiff"
	"slipway/updates/mar"
	"slipway/updates/zucchini"
)

// Formats of patches. The updater tells them apart by content, so one package
// may hold both.
const (
	FormatBsdiff   = "bsdiff"
	FormatZucchini = "zucchini"
	FormatBest     = "best" // whichever is smaller as shipped; bsdiff if equal
)

// formatOf tells a patch's format by its first bytes, as the updater does; ""
// when it has neither.
func formatOf(patch []byte) string {
	switch {
	case bytes.HasPrefix(patch, []byte(bsdiff.MBDIFF10)):
		return FormatBsdiff
	case bytes.HasPrefix(patch, []byte(zucchini.Magic)):
		return FormatZucchini
	}
	return ""
}

func patchFormats(format string) ([]string, error) {
	switch format {
	case "", FormatBsdiff:
		return []string{FormatBsdiff}, nil
	case FormatZucchini:
		return []string{FormatZucchini}, nil
	case FormatBest:
		return []string{FormatBsdiff, FormatZucchini}, nil
	}
	return nil, fmt.Errorf("patch format %q: want %s, %s or %s", format, FormatBsdiff, FormatZucchini, FormatBest)
}

var formatVersions = map[string]string{FormatBsdiff: bsdiffVersion, FormatZucchini: zucchiniVersion}

func diff(format string, old, new []byte, workers int) ([]byte, error) {
	if format == FormatZucchini {
		return zucchini.Diff(old, new, zucchini.Options{})
	}
	p, err := bsdiff.Diff(old, new, bsdiff.Options{Workers: workers})
	if err != nil {
		return nil, err
	}
	return p.MBDIFF10(), nil
}

// applyPatch applies either format, with the updater's number for a failure.
func applyPatch(old, patch []byte, limit int64) ([]byte, error) {
	switch formatOf(patch) {
	case FormatBsdiff:
		out, err := bsdiff.Apply(old, patch, limit)
		return out, patchRefusal(err)
	case FormatZucchini:
		out, err := zucchini.Apply(old, patch, limit)
		return out, patchRefusal(err)
	}
	return nil, refuse(mar.ReadError, "patch begins with %.8q, want %s or %s", patch, bsdiff.MBDIFF10, zucchini.Magic)
}

// provePatch returns nil if a patch of either format makes new of old.
func provePatch(old, new, patch []byte) error {
	if formatOf(patch) == FormatBsdiff { // without the result in memory
		return bsdiff.Prove(bytes.NewReader(patch), old, new)
	}
	got, err := zucchini.Apply(old, patch, int64(len(new)))
	if err == nil && !bytes.Equal(got, new) {
		err = errors.New("patch makes another file")
	}
	return err
}

func patchRefusal(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, bsdiff.ErrOldSize), errors.Is(err, zucchini.ErrOldSize):
		return &Refusal{mar.OldSize, err}
	case errors.Is(err, bsdiff.ErrOldCRC), errors.Is(err, zucchini.ErrOldFile), errors.Is(err, zucchini.ErrResult):
		return &Refusal{mar.CRCError, err}
	}
	return &Refusal{mar.ReadError, err}
}
