package updates

import (
	"bytes"
	"context"
	"encoding/json"
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

// magicZucchini begins a Zucchini patch.
const magicZucchini = "Zucc"

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
	switch {
	case bytes.HasPrefix(patch, []byte(bsdiff.MBDIFF10)):
		out, err := bsdiff.Apply(old, patch, limit)
		return out, patchRefusal(err)
	case bytes.HasPrefix(patch, []byte(magicZucchini)):
		out, err := zucchini.Apply(old, patch, limit)
		return out, patchRefusal(err)
	}
	return nil, refuse(mar.ReadError, "patch begins with %.8q, want %s or %s", patch, bsdiff.MBDIFF10, magicZucchini)
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

// shipped is the note of a cached patch result, which has one blob, the
// packed patch, or none when the file ships whole.
type shipped struct {
	Format string `json:"format,omitempty"`
}

// change is a file that goes from old to new, and how it may travel.
type change struct {
	old, new     cache.Digest
	formats      []string
	whole, patch packing
}

func (c change) key() cache.Key {
	parts := map[string]string{"old": string(c.old), "new": string(c.new)}
	for _, f := range c.formats {
		parts[f] = formatVersions[f]
	}
	c.whole.parts(parts, "whole ")
	c.patch.parts(parts, "patch ")
	return cache.Key{Space: "patch", Parts: parts}
}

// patchOrWhole decides how a changed file travels: as a patch if one is
// strictly smaller, as shipped, than the whole file; else whole. It returns
// what ships, and the format of the patch or "".
//
// Patch and decision are remembered. A patch is trusted when its shipped bytes,
// unpacked and applied, gave new, and if it is smaller than the whole file; a
// decision for the whole file when it was made here or its record is sealed.
func (b *Builder) patchOrWhole(ctx context.Context, c change, workers int) (cache.Blob, string, error) {
	made := false
	v, err := b.Store.DoProven(ctx, c.key(),
		func(ctx context.Context) (cache.Value, error) {
			made = true
			return b.makePatch(ctx, c, workers)
		},
		func(ctx context.Context, v cache.Value) error {
			switch {
			case len(v.Blobs) > 0:
				return b.provePatch(ctx, v, c, workers)
			case !made:
				return errors.New("that no patch is smaller can be told only by making one")
			}
			return nil
		})
	if err != nil {
		return cache.Blob{}, "", err
	}
	if len(v.Blobs) == 0 {
		blob, err := b.pack(ctx, c.new, c.whole, workers)
		return blob, "", err
	}
	var how shipped
	err = json.Unmarshal(v.Note, &how)
	return v.Blobs[0], how.Format, err
}

func (b *Builder) makePatch(ctx context.Context, c change, workers int) (cache.Value, error) {
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
	var how shipped
	var best []byte
	for _, f := range c.formats {
		raw, err := diff(f, oldBytes, newBytes, workers)
		if err != nil {
			return cache.Value{}, fmt.Errorf("%s: %w", f, err)
		}
		packed, err := xz.Encode(raw, c.patch.options(workers))
		if err != nil {
			return cache.Value{}, err
		}
		if int64(len(packed)) < packedWhole.Size && (best == nil || len(packed) < len(best)) {
			how.Format, best = f, packed
		}
	}
	note, err := json.Marshal(how)
	if err != nil || best == nil {
		return cache.Value{Note: note}, err
	}
	blob, err := b.Store.PutBytes(ctx, best)
	return cache.Value{Blobs: []cache.Blob{blob}, Note: note}, err
}

// provePatch applies what would be shipped and hashes the result.
func (b *Builder) provePatch(ctx context.Context, v cache.Value, c change, workers int) error {
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
	result, err := applyPatch(old, patch, maxFile)
	if err != nil {
		return err
	}
	if got := cache.Sum(result); got != c.new {
		return fmt.Errorf("patch gives %s, want %s", got, c.new)
	}
	return nil
}
