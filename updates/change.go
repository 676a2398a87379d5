package updates

import (
	"context"
	"fmt"
	"runtime"

	"slipway/cache"
	"slipway/updates/bsdiff"
	"slipway/updates/xz"
)

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
		patch, err := (&patching{b: b, change: c, format: f, workers: workers}).patch(ctx)
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

// patching makes or finds the patch of one format for one change.
type patching struct {
	b *Builder
	change
	format  string
	workers int

	made             bool   // else found
	oldFile, newFile []byte // once loaded
}

// patch returns the patch as it ships, or none when it would be no smaller than
// the whole file.
//
// Patch and decision are remembered. A patch is trusted when its shipped bytes,
// unpacked and applied, gave new, and if it is smaller than the whole file; a
// decision for the whole file when it was made here or its record is sealed.
func (p *patching) patch(ctx context.Context) (cache.Blob, error) {
	v, err := p.b.Store.DoProven(ctx, p.key(p.format), p.make, p.prove)
	if err != nil || len(v.Blobs) == 0 {
		return cache.Blob{}, err
	}
	return v.Blobs[0], nil
}

// load reads both files, once for making and proving.
func (p *patching) load(ctx context.Context) (err error) {
	if p.newFile != nil { // which is not empty: see changed
		return nil
	}
	if p.oldFile, err = p.b.Store.Bytes(ctx, p.old, maxFile); err != nil {
		return fmt.Errorf("old: %w", err)
	}
	if p.newFile, err = p.b.Store.Bytes(ctx, p.new, maxFile); err != nil {
		return fmt.Errorf("new: %w", err)
	}
	return nil
}

// make returns a value of one blob, the packed patch, or of none when the file
// ships whole.
func (p *patching) make(ctx context.Context) (cache.Value, error) {
	p.made = true
	whole, err := p.b.pack(ctx, p.new, p.change.whole, p.workers)
	if err == nil {
		err = p.load(ctx)
	}
	if err != nil {
		return cache.Value{}, err
	}
	raw, err := diff(p.format, p.oldFile, p.newFile, p.workers)
	if err != nil {
		return cache.Value{}, err
	}
	p.collect()
	packed, err := p.encode(raw)
	if err != nil || int64(len(packed)) >= whole.Size {
		return cache.Value{}, err
	}
	blob, err := p.b.Store.PutBytes(ctx, packed)
	return cache.Value{Blobs: []cache.Blob{blob}}, err
}

// encode packs a patch.
func (p *patching) encode(raw []byte) ([]byte, error) {
	o := p.change.patch.options(p.workers)
	if p.format == FormatBsdiff {
		return bsdiff.Pack(raw, o)
	}
	o.BCJ = xz.None // nothing of it is code
	return xz.Encode(raw, o)
}

// collect frees what the step before has used, where that is much: by itself the
// heap would grow to twice what is in use, several times the files.
func (p *patching) collect() {
	if len(p.newFile) >= perWorker {
		runtime.GC()
	}
}

// prove applies what would be shipped and compares.
func (p *patching) prove(ctx context.Context, v cache.Value) error {
	if len(v.Blobs) == 0 {
		if !p.made {
			return cache.Disprovef("that no patch is smaller can be told only by making one")
		}
		return nil
	}
	kept, err := v.Only(maxFile)
	if err != nil {
		return err
	}
	whole, err := p.b.pack(ctx, p.new, p.change.whole, p.workers)
	if err != nil {
		return err
	}
	if kept.Size >= whole.Size {
		return cache.Disprovef("patch has %d bytes, the whole file %d", kept.Size, whole.Size)
	}
	packed, err := p.b.Store.Bytes(ctx, kept.Digest, maxFile)
	if err == nil {
		err = p.load(ctx)
	}
	if err != nil {
		return err
	}
	p.collect()
	patch, err := unpackEntry(packed, maxFile)
	if err != nil {
		return cache.Disproof(err)
	}
	if formatOf(patch) != p.format {
		return cache.Disprovef("patch begins with %.8q, which is not %s", patch, p.format)
	}
	return cache.Disproof(provePatch(p.oldFile, p.newFile, patch))
}
