package updates

import (
	"context"
	"fmt"

	"slipway/cache"
	"slipway/updates/mar"
)

// Unpack turns a complete MAR back into the tree that it installs on nothing,
// its files in the store.
func (b *Builder) Unpack(ctx context.Context, d cache.Digest) (cache.Tree, Info, error) {
	var t cache.Tree
	var info Info
	a, err := b.open(ctx, d)
	if err == nil {
		defer a.Close()
		if t, err = b.unpack(ctx, a); err == nil {
			info, err = a.info()
		}
	}
	if err != nil {
		return t, info, fmt.Errorf("mar %s: %w", d.Short(), err)
	}
	return t, info, nil
}

func (b *Builder) unpack(ctx context.Context, a *archive) (cache.Tree, error) {
	t, err := a.tree()
	if err != nil {
		return t, err
	}
	batch := b.Store.Batch()
	defer batch.Abort()
	told := b.tell("unpack", len(t.Entries))
	total := unpacked{most: b.most}
	size := func(i int) int64 { return a.entry(t.Entries[i].Path).Size }
	err = b.each(ctx, len(t.Entries), size, func(ctx context.Context, i, _ int) error {
		e := &t.Entries[i]
		defer told.begin(e.Path)()
		packed, err := a.packed(e.Path)
		if err != nil {
			return err
		}
		blob, err := b.unpackToStore(ctx, packed, batch)
		e.Blob, e.Size = blob.Digest, blob.Size
		if err == nil {
			err = total.add(blob.Size)
		}
		if err != nil {
			return fmt.Errorf("entry %q: %w", e.Path, err)
		}
		return nil
	})
	if err == nil {
		err = batch.Commit(ctx)
	}
	t.Sort()
	return t, err
}

// tree lists what a complete installs, without digests and sizes.
func (a *archive) tree() (cache.Tree, error) {
	var t cache.Tree
	if a.manifest.Type != TypeComplete {
		return t, fmt.Errorf("is a %s update; only a complete holds a whole tree", a.manifest.Type)
	}
	seen := map[string]bool{} // add-if and add-if-not may both bring a file
	for _, in := range a.manifest.Lines {
		if name := in.Entry(); name != "" && !seen[name] {
			seen[name] = true
			if in.Patches() {
				return t, refuse(mar.ReadError, "%v: a complete update patches nothing", in)
			}
			t.Entries = append(t.Entries, cache.Entry{Path: name, Mode: a.entry(name).Mode})
		}
	}
	return t, nil
}

// worthKeeping is the size of a stream from which looking up what it unpacks
// to is cheaper than unpacking it.
const worthKeeping = 64 << 10

// unpackToStore unpacks an entry, once for all the MARs that hold the same:
// one locale's package has most of its bytes in common with every other's. What
// is small goes to the batch.
func (b *Builder) unpackToStore(ctx context.Context, packed []byte, batch *cache.Batch) (cache.Blob, error) {
	if len(packed) < worthKeeping {
		data, err := unpackEntry(packed, maxFile)
		if err != nil {
			return cache.Blob{}, err
		}
		return batch.PutBytes(ctx, data)
	}
	key := cache.Key{Space: "unxz", Parts: map[string]string{"stream": string(cache.Sum(packed)), "reader": decoderVersion}}
	made := false
	v, err := b.Store.DoProven(ctx, key, func(ctx context.Context) (cache.Value, error) {
		made = true
		data, err := unpackEntry(packed, maxFile)
		if err != nil {
			return cache.Value{}, err
		}
		blob, err := b.Store.PutBytes(ctx, data)
		return cache.Value{Blobs: []cache.Blob{blob}}, err
	}, func(_ context.Context, v cache.Value) error {
		if made {
			return nil // nothing would be done again but the same
		}
		kept, err := v.Only(maxFile)
		if err != nil {
			return err
		}
		data, err := unpackEntry(packed, maxFile)
		if err == nil && cache.Sum(data) != kept.Digest {
			err = fmt.Errorf("stream unpacks to %s, not %s", cache.Sum(data), kept.Digest)
		}
		return cache.Disproof(err)
	})
	if err != nil {
		return cache.Blob{}, err
	}
	return v.Blobs[0], nil
}
