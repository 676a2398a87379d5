package updates

import (
	"context"
	"encoding/json"
	"fmt"

	"slipway/cache"
	"slipway/updates/mar"
)

// Unpack turns a complete MAR back into the tree that it installs on nothing.
// The result is kept: its blobs are the tree's description and its files.
func (b *Builder) Unpack(ctx context.Context, d cache.Digest) (cache.Tree, Info, error) {
	key := cache.Key{Space: "unpack", Parts: map[string]string{"mar": string(d), "version": unpackVersion}}
	v, err := b.Store.Do(ctx, key, func(ctx context.Context) (cache.Value, error) {
		var v cache.Value
		err := b.withArchive(ctx, d, func(a *archive) error {
			t, blobs, err := b.unpack(ctx, a)
			if err != nil {
				return err
			}
			info, err := a.info()
			if err != nil {
				return err
			}
			described, err := b.Store.PutTree(ctx, t)
			if err != nil {
				return err
			}
			v.Blobs = append([]cache.Blob{described}, blobs...)
			v.Note, err = json.Marshal(info)
			return err
		})
		return v, err
	})
	var t cache.Tree
	var info Info
	if err == nil {
		err = json.Unmarshal(v.Note, &info)
	}
	if err == nil {
		t, err = b.Store.Tree(ctx, v.Blobs[0].Digest)
	}
	if err != nil {
		return t, info, fmt.Errorf("mar %s: %w", d.Short(), err)
	}
	return t, info, nil
}

func (b *Builder) unpack(ctx context.Context, a *archive) (cache.Tree, []cache.Blob, error) {
	var t cache.Tree
	if a.manifest.Type != TypeComplete {
		return t, nil, fmt.Errorf("is a %s update; only a complete holds a whole tree", a.manifest.Type)
	}
	for _, in := range a.manifest.Lines {
		if name := in.Entry(); name != "" {
			if in.Patches() {
				return t, nil, refuse(mar.ReadError, "%v: a complete update patches nothing", in)
			}
			t.Entries = append(t.Entries, cache.Entry{Path: name, Mode: a.mode(name)})
		}
	}
	told := b.tell("unpack", len(t.Entries))
	blobs := make([]cache.Blob, len(t.Entries))
	batch := b.Store.Batch()
	defer batch.Abort()
	err := b.each(ctx, len(t.Entries), nil, func(ctx context.Context, i, _ int) error {
		e := &t.Entries[i]
		told.next(e.Path)
		data, err := a.read(e.Path, maxFile)
		if err != nil {
			return err
		}
		blob, err := batch.PutBytes(ctx, data)
		blobs[i], e.Blob, e.Size = blob, blob.Digest, blob.Size
		return err
	})
	if err == nil {
		err = batch.Commit(ctx)
	}
	t.Sort()
	return t, blobs, err
}
