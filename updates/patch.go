package updates

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"slipway/cache"
	"slipway/updates/bsdiff"
	"slipway/updates/mar"
	"slipway/updates/xz"
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

// change is a file that goes from old to new, and how it may travel.
type change struct {
	old, new     cache.Digest
	whole, patch packing
}

func (c change) key(format string) cache.Key {
	parts := map[string]string{"old": string(c.old), "new": string(c.new), format: formatVersions[format]}
	c.whole.parts(parts, "whole ")
	c.patch.parts(parts, "patch ")
	return cache.Key{Space: "patch", Parts: parts}
}

// patchOrWhole decides how a changed file travels: as the smallest patch of
// the formats if that is strictly smaller, as shipped, than the whole file;
// else whole. It returns what ships, and the format of the patch or "". Of
// patches equal in size the format named first is taken.
func (b *Builder) patchOrWhole(ctx context.Context, c change, formats []string, workers int) (cache.Blob, string, error) {
	var best cache.Blob
	var used string
	for _, f := range formats {
		patch, err := b.patch(ctx, c, f, workers)
		if err != nil {
			return cache.Blob{}, "", fmt.Errorf("%s: %w", f, err)
		}
		if patch.Digest != "" && (used == "" || patch.Size < best.Size) {
			best, used = patch, f
		}
	}
	if used != "" {
		return best, used, nil
	}
	blob, err := b.pack(ctx, c.new, c.whole, workers)
	return blob, "", err
}

// patch returns the patch of one format as it ships, or none when it would be
// no smaller than the whole file.
//
// Patch and decision are remembered. A patch is trusted when its shipped bytes,
// unpacked and applied, gave new, and if it is smaller than the whole file; a
// decision for the whole file when it was made here or its record is sealed.
func (b *Builder) patch(ctx context.Context, c change, format string, workers int) (cache.Blob, error) {
	made := false
	v, err := b.Store.DoProven(ctx, c.key(format),
		func(ctx context.Context) (cache.Value, error) {
			made = true
			return b.makePatch(ctx, c, format, workers)
		},
		func(ctx context.Context, v cache.Value) error {
			switch {
			case len(v.Blobs) > 0:
				return b.provePatch(ctx, v, c, format, workers)
			case !made:
				return errors.New("that no patch is smaller can be told only by making one")
			}
			return nil
		})
	if err != nil || len(v.Blobs) == 0 {
		return cache.Blob{}, err
	}
	return v.Blobs[0], nil
}

// makePatch returns a value of one blob, the packed patch, or of none when the
// file ships whole.
func (b *Builder) makePatch(ctx context.Context, c change, format string, workers int) (cache.Value, error) {
	packedWhole, err := b.pack(ctx, c.new, c.whole, workers)
	if err != nil {
		return cache.Value{}, err
	}
	oldBytes, err := b.Store.Bytes(ctx, c.old, maxFile)
	if err != nil {
		return cache.Value{}, fmt.Errorf("old: %w", err)
	}
	newBytes, err := b.Store.Bytes(ctx, c.new, maxFile)
	if err != nil {
		return cache.Value{}, fmt.Errorf("new: %w", err)
	}
	raw, err := diff(format, oldBytes, newBytes, workers)
	if err != nil {
		return cache.Value{}, err
	}
	packed, err := xz.Encode(raw, c.patch.options(workers))
	if err != nil || int64(len(packed)) >= packedWhole.Size {
		return cache.Value{}, err
	}
	blob, err := b.Store.PutBytes(ctx, packed)
	return cache.Value{Blobs: []cache.Blob{blob}}, err
}

// provePatch applies what would be shipped and hashes the result.
func (b *Builder) provePatch(ctx context.Context, v cache.Value, c change, format string, workers int) error {
	whole, err := b.pack(ctx, c.new, c.whole, workers)
	if err != nil {
		return err
	}
	if v.Blobs[0].Size >= whole.Size {
		return fmt.Errorf("patch has %d bytes, the whole file %d", v.Blobs[0].Size, whole.Size)
	}
	packed, err := b.Store.Bytes(ctx, v.Blobs[0].Digest, maxFile)
	if err != nil {
		return err
	}
	old, err := b.Store.Bytes(ctx, c.old, maxFile)
	if err != nil {
		return err
	}
	patch, err := unpackEntry(packed, maxFile)
	if err != nil {
		return err
	}
	if formatOf(patch) != format {
		return fmt.Errorf("patch begins with %.8q, which is not %s", patch, format)
	}
	result, err := applyPatch(old, patch, maxFile)
	if err != nil {
		return err
	}
	if got := cache.Sum(result); got != c.new {
		return fmt.Errorf("patch gives %s, want %s", got, c.new)
	}
	return nil
}
