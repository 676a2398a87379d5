package repack

import (
	"context"
	"fmt"
	"io"
	"time"

	"slipway/cache"
)

// Repacker keeps what the room's verbs share.
type Repacker struct {
	Store  *cache.Store
	Limits Limits
}

// Repacked is what a repack leaves.
type Repacked struct {
	Archive cache.Blob   `json:"archive"`
	Format  Format       `json:"format"`
	Tree    cache.Digest `json:"tree"` // of the archive's [cache.Tree] as JSON, in the cache

	Changes []Change `json:"changes,omitempty"` // against the archive it was made from

	// Locale repacks only: keys and files that the locale lacks and en-US
	// lent, and those that it has and nothing asks for.
	Fallbacks []Keys `json:"fallbacks,omitempty"`
	Obsolete  []Keys `json:"obsolete,omitempty"`

	// Partner repacks only: files of the partner's directory that were not added.
	Ignored []string `json:"ignored,omitempty"`
}

// Keys are strings of one file; without keys the whole file is meant.
type Keys struct {
	Path string   `json:"path"`
	Keys []string `json:"keys,omitempty"`
}

// unpackVersion is raised when Unpack makes another tree of the same bytes.
const unpackVersion = "1"

// Unpack reads an archive into a tree. It is done once for an archive: the
// locales and partners of a platform all start from the same one.
func (r *Repacker) Unpack(ctx context.Context, archive cache.Digest, f Format) (cache.Tree, error) {
	lim := r.Limits.orDefault()
	key := cache.Key{Space: "repack/unpack", Parts: map[string]string{
		"version": unpackVersion, "archive": string(archive), "format": string(f), "limits": fmt.Sprint(lim),
	}}
	v, err := r.Store.Do(ctx, key, func(ctx context.Context) (cache.Value, error) {
		t, err := Unpack(ctx, r.Store, archive, f, lim)
		if err != nil {
			return cache.Value{}, err
		}
		b, err := r.Store.PutTree(ctx, t)
		return cache.Value{Blobs: []cache.Blob{b}}, err
	})
	if err != nil {
		return cache.Tree{}, err
	}
	t, err := r.Store.Tree(ctx, v.Blobs[0].Digest)
	if err != nil {
		return cache.Tree{}, err
	}
	for _, e := range t.Entries {
		if e.Link == "" && !r.Store.Has(e.Blob) { // trimmed from the cache since
			return Unpack(ctx, r.Store, archive, f, lim)
		}
	}
	return t, nil
}

// Unpack reads an archive into a tree whose contents are in the store.
func Unpack(ctx context.Context, store *cache.Store, archive cache.Digest, f Format, lim Limits) (cache.Tree, error) {
	if err := f.Check(); err != nil {
		return cache.Tree{}, err
	}
	in, err := store.Get(ctx, archive)
	if err != nil {
		return cache.Tree{}, err
	}
	defer in.Close()
	blobs := store.Batch()
	defer blobs.Abort()
	s := newSink(ctx, blobs, lim.orDefault())
	if err := read(in, in.Size(), f, s); err != nil {
		return cache.Tree{}, fmt.Errorf("%s archive %s: %w", f, archive.Short(), err)
	}
	t, err := s.done()
	if err == nil {
		err = blobs.Commit(ctx)
	}
	if err != nil {
		return cache.Tree{}, fmt.Errorf("%s archive %s: %w", f, archive.Short(), err)
	}
	return t, nil
}

func read(r io.ReaderAt, size int64, f Format, s *sink) error {
	if f == Zip {
		return unzip(r, size, s)
	}
	stream, err := open(r, size, f, s.lim)
	if err != nil {
		return err
	}
	return untar(stream, s)
}

// Pack writes a tree as an archive; the same tree, format and time give the
// same bytes.
func Pack(ctx context.Context, store *cache.Store, tree cache.Tree, f Format, when time.Time) (cache.Blob, error) {
	return pack(ctx, store, tree, newNames(), f, when)
}

// PackSource is Pack for the tree of a repository, as git has it: names that
// Windows or macOS would take for one, and links to anywhere, are the source's
// own. [Unpack] may refuse such an archive.
func PackSource(ctx context.Context, store *cache.Store, tree cache.Tree, f Format, when time.Time) (cache.Blob, error) {
	return pack(ctx, store, tree, gitNames(), f, when)
}

func pack(ctx context.Context, store *cache.Store, tree cache.Tree, seen *names, f Format, when time.Time) (cache.Blob, error) {
	blob, err := store.PutFrom(ctx, func(w io.Writer) error { return write(ctx, w, store, tree, seen, f, when) })
	if err != nil {
		return cache.Blob{}, fmt.Errorf("writing %s archive: %w", f, err)
	}
	return blob, nil
}
