package updates

import (
	"context"
	"errors"
	"fmt"

	"slipway/cache"
	"slipway/updates/mar"
)

// newTree turns a given tree into what an update installs: what a MAR can
// hold, with a precomplete file. It also returns the names left out and the
// instructions of the tree's removed-files list.
func (b *Builder) newTree(ctx context.Context, given cache.Tree, makePrecomplete, drop bool) (cache.Tree, []string, []Instruction, error) {
	t, dropped, err := carriable(given, drop)
	if err == nil {
		t, err = b.withPrecomplete(ctx, t, makePrecomplete)
	}
	if err == nil {
		err = checkNames(t)
	}
	if err != nil {
		return t, nil, nil, err
	}
	removed, err := b.removedFiles(ctx, t)
	return t, dropped, removed, err
}

// carriable returns the part of t that an update can hold, and the names of
// what it leaves out: symbolic links and empty directories, which a MAR has no
// place for. Unless drop is set, leaving something out is an error; but never for
// manifests of former packaging runs, which Mozilla's scripts leave out.
func carriable(t cache.Tree, drop bool) (cache.Tree, []string, error) {
	var out cache.Tree
	var dropped, manifests []string
	var errs []error
	for _, e := range t.Entries {
		if isManifest(e.Path) {
			manifests = append(manifests, e.Path)
			continue
		}
		if e.Link != "" {
			dropped = append(dropped, e.Path+" -> "+e.Link)
			continue
		}
		if err := checkPath(e.Path, false); err != nil {
			errs = append(errs, err)
		}
		if e.Size > maxFile {
			errs = append(errs, fmt.Errorf("%q: %d bytes, want at most %d", e.Path, e.Size, maxFile))
		}
		out.Entries = append(out.Entries, e)
	}
	for _, d := range t.Dirs {
		dropped = append(dropped, d+"/")
	}
	if len(dropped) > 0 && !drop {
		for _, name := range dropped {
			errs = append(errs, fmt.Errorf("%q: a MAR carries no symbolic links and no empty directories; --drop-uncarriable leaves them out", name))
		}
	}
	return out, append(dropped, manifests...), errors.Join(errs...)
}

// checkNames refuses what the archive would, before hours of packing.
func checkNames(t cache.Tree) error {
	names := make([]string, len(t.Entries))
	for i, e := range t.Entries {
		names[i] = e.Path
	}
	if err := mar.CheckNames(names); err != nil {
		return &Refusal{mar.Accepts, err}
	}
	return nil
}

// withPrecomplete makes sure that the tree has a precomplete file: without one
// a later complete update leaves old files behind. The tree's own is kept.
func (b *Builder) withPrecomplete(ctx context.Context, t cache.Tree, create bool) (cache.Tree, error) {
	p := precompletePath(t)
	if e, ok := t.Lookup(p); ok {
		data, err := b.Store.Bytes(ctx, e.Blob, maxManifest)
		if err == nil {
			_, err = ParsePrecomplete(data)
		}
		return t, err
	}
	if !create {
		return t, fmt.Errorf("the tree has no %s; have it made with --make-precomplete", p)
	}
	blob, err := b.Store.PutBytes(ctx, MakePrecomplete(t))
	if err != nil {
		return t, err
	}
	t.Entries = append(t.Entries[:len(t.Entries):len(t.Entries)],
		cache.Entry{Path: p, Mode: 0o644, Size: blob.Size, Blob: blob.Digest})
	t.Sort()
	return t, nil
}

// removedFiles reads the tree's removed-files list; a tree need not have one.
func (b *Builder) removedFiles(ctx context.Context, t cache.Tree) ([]Instruction, error) {
	for _, name := range removedFilesNames {
		e, ok := t.Lookup(name)
		if !ok {
			continue
		}
		data, err := b.Store.Bytes(ctx, e.Blob, maxManifest)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return ParseRemovedFiles(data)
	}
	return nil, nil
}
