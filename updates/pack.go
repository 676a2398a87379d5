package updates

import (
	"context"
	"fmt"
	"strconv"

	"slipway/cache"
	"slipway/updates/mar"
	"slipway/updates/xz"
)

// BCJ filters that a job can name. The scripts use x86 for every entry of x86
// and x86-64 builds, and none for other processors.
const (
	BCJNone = "none"
	BCJX86  = "x86"
)

// packing is how bytes become the .xz stream of an entry.
type packing struct {
	bcj    string
	preset int // 6 or 9; 9 is taken with its "extreme" search
	nice   int // 0: the preset's own
}

// patchNice is the match length at which the encoder stops to look for better
// ones in patches. Patches are mostly long runs, where 273, the longest match
// there is, saves a fifth of the size (performance.md §6).
const patchNice = 273

func wholePacking(bcj string, preset int) (packing, error) {
	p := packing{bcj: bcj, preset: preset}
	if p.bcj == "" {
		p.bcj = BCJNone
	}
	if p.preset == 0 {
		p.preset = 6
	}
	if p.bcj != BCJNone && p.bcj != BCJX86 {
		return p, fmt.Errorf("bcj %q: want %q or %q", p.bcj, BCJNone, BCJX86)
	}
	if p.preset != 6 && p.preset != 9 {
		return p, fmt.Errorf("preset %d: want 6 or 9", p.preset)
	}
	return p, nil
}

// patchPacking is for the patches of files that are packed like whole. Its bcj is
// for what a patch brings along of the new file: see [bsdiff.Pack].
func patchPacking(whole packing) packing {
	whole.nice = patchNice
	return whole
}

func (p packing) options(workers int) xz.Options {
	o := xz.Options{Preset: p.preset, Extreme: p.preset == 9, Nice: p.nice, Workers: workers}
	if p.bcj == BCJX86 {
		o.BCJ = xz.X86
	}
	return o
}

// parts is what of a packing decides the bytes, for cache keys.
func (p packing) parts(m map[string]string, prefix string) map[string]string {
	m[prefix+"xz"] = encoderVersion
	m[prefix+"cut"] = cutVersion
	m[prefix+"bcj"] = p.bcj
	m[prefix+"preset"] = strconv.Itoa(p.preset)
	m[prefix+"nice"] = strconv.Itoa(p.nice)
	return m
}

// pack returns the .xz stream of a file of the store, made once per contents
// and settings. A stream is trusted when decoding it gave the file back.
func (b *Builder) pack(ctx context.Context, file cache.Digest, p packing, workers int) (cache.Blob, error) {
	key := cache.Key{Space: "xz", Parts: p.parts(map[string]string{"file": string(file)}, "")}
	v, err := b.Store.DoProven(ctx, key, func(ctx context.Context) (cache.Value, error) {
		data, err := b.Store.Bytes(ctx, file, maxFile)
		if err != nil {
			return cache.Value{}, err
		}
		packed, err := b.encode(ctx, data, p, workers)
		if err != nil {
			return cache.Value{}, err
		}
		blob, err := b.Store.PutBytes(ctx, packed)
		return cache.Value{Blobs: []cache.Blob{blob}}, err
	}, func(ctx context.Context, v cache.Value) error {
		return b.proveUnpacks(ctx, v, file)
	})
	if err != nil {
		return cache.Blob{}, err
	}
	return v.Blobs[0], nil
}

// encode packs a file in one piece, or a jar in blocks that others share.
func (b *Builder) encode(ctx context.Context, data []byte, p packing, workers int) ([]byte, error) {
	if cuts := cutJar(data, maxShared); cuts != nil {
		return b.packBlocks(ctx, data, cuts, p, workers)
	}
	return xz.Encode(data, p.options(workers))
}

// proveUnpacks decodes the one blob of v and compares.
func (b *Builder) proveUnpacks(ctx context.Context, v cache.Value, want cache.Digest) error {
	kept, err := v.Only(maxFile)
	if err != nil {
		return err
	}
	packed, err := b.Store.Bytes(ctx, kept.Digest, maxFile)
	if err != nil {
		return err
	}
	data, err := unpackEntry(packed, maxFile)
	if err != nil {
		return cache.Disproof(err)
	}
	if got := cache.Sum(data); got != want {
		return cache.Disprovef("unpacks to %s, want %s", got, want)
	}
	return nil
}

// unpackEntry decodes one entry within the updater's limits.
func unpackEntry(packed []byte, limit int64) ([]byte, error) {
	if len(packed) == 0 {
		return nil, refuse(mar.EmptyEntry, "entry of no bytes; an empty file is an .xz stream too")
	}
	data, err := xz.Decode(packed, limit)
	if err != nil {
		return nil, &Refusal{mar.XZError, err}
	}
	return data, nil
}
