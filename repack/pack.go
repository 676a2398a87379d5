package repack

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"sort"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"slipway/cache"
	"slipway/updates/xz"
)

// deflateLevel of gzip and zip. Of 16 MB of the Go compiler level 6 leaves
// 6.24 MB in 0.17 s, 7 leaves 6.13 in 0.29, 9 leaves 6.06 in 1.10: a release
// packs a hundred locales, and 7 is the last step that pays. Deflate comes from
// klauspost and not from the standard library because its bytes must change
// only when go.mod says so: the standard library's may with any Go release.
const deflateLevel = 7

// item is one entry to be written; tar and zip take the same list.
type item struct {
	cache.Entry
	dir bool
}

// items lists a tree for an archive: every directory before what lies in it,
// with its own entry, so that nobody's umask decides its mode.
func items(t cache.Tree, seen *names) ([]item, error) {
	dirs := map[string]bool{}
	var list []item
	for _, e := range t.Entries {
		w := isFile
		if e.Link != "" {
			w = isSymlink
			if err := seen.link(e.Path, e.Link); err != nil {
				return nil, fmt.Errorf("%q: %w", e.Path, err)
			}
		}
		if err := treePath(seen, e.Path, w); err != nil {
			return nil, err
		}
		if e.Mode&^0o777 != 0 {
			return nil, fmt.Errorf("%q: mode %#o is not one of permissions", e.Path, e.Mode)
		}
		list = append(list, item{Entry: e})
		for d := parent(e.Path); d != "."; d = parent(d) {
			dirs[d] = true
		}
	}
	for _, d := range t.Dirs {
		if err := treePath(seen, d, isDir); err != nil {
			return nil, err
		}
		for ; d != "."; d = parent(d) {
			dirs[d] = true
		}
	}
	for d := range dirs {
		list = append(list, item{Entry: cache.Entry{Path: d, Mode: 0o755}, dir: true})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Path < list[j].Path })
	return list, nil
}

// treePath holds trees made by others to the rules of names, so that Unpack reads
// whatever Pack wrote.
func treePath(seen *names, p string, w what) error {
	err := seen.check(p)
	if err == nil {
		err = seen.add(p, w)
	}
	if err != nil {
		return fmt.Errorf("tree entry %q: %w", p, err)
	}
	return nil
}

func parent(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return "."
}

// write puts the tree into w as an archive.
func write(ctx context.Context, w io.Writer, store *cache.Store, t cache.Tree, seen *names, f Format, when time.Time) error {
	list, err := items(t, seen)
	if err != nil {
		return err
	}
	switch f {
	case Zip:
		return writeZip(ctx, w, store, list, when)
	case Tar:
		return writeTar(ctx, w, store, list, when)
	case TarGz:
		z, err := gzip.NewWriterLevel(w, deflateLevel)
		if err != nil {
			return err
		}
		if err := writeTar(ctx, z, store, list, when); err != nil {
			return err
		}
		return z.Close()
	case TarXz:
		return writeTarXz(ctx, w, store, list, when)
	}
	return fmt.Errorf("archive format %q cannot be written: want tar.gz, tar.xz, tar or zip", string(f))
}

// xzPreset 6 has a dictionary of 8 MiB: what the updater and every machine
// that unpacks a browser can afford.
const xzPreset = 6

func writeTarXz(ctx context.Context, w io.Writer, store *cache.Store, list []item, when time.Time) error {
	z, err := xz.NewWriter(w, xz.Options{Preset: xzPreset})
	if err != nil {
		return err
	}
	if err := writeTar(ctx, z, store, list, when); err != nil {
		return err
	}
	return z.Close()
}

func writeTar(ctx context.Context, w io.Writer, store *cache.Store, list []item, when time.Time) error {
	tw := tar.NewWriter(w)
	for _, it := range list {
		h := &tar.Header{
			Typeflag: tar.TypeReg, Name: it.Path, Mode: int64(it.Mode), Size: it.Size,
			ModTime: when.UTC().Truncate(time.Second),
		}
		switch {
		case it.dir:
			h.Typeflag, h.Name = tar.TypeDir, it.Path+"/"
		case it.Link != "":
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, it.Link, 0
		}
		if err := tw.WriteHeader(h); err != nil {
			return fmt.Errorf("%q: %w", it.Path, err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if err := copyBlob(ctx, tw, store, it.Entry); err != nil {
			return err
		}
	}
	return tw.Close()
}

func copyBlob(ctx context.Context, w io.Writer, store *cache.Store, e cache.Entry) error {
	r, err := store.Get(ctx, e.Blob)
	if err != nil {
		return fmt.Errorf("%q: %w", e.Path, err)
	}
	defer r.Close()
	if r.Size() != e.Size {
		return fmt.Errorf("%q: tree says %d bytes, blob %s has %d", e.Path, e.Size, e.Blob.Short(), r.Size())
	}
	if _, err := io.Copy(w, r); err != nil {
		return fmt.Errorf("%q: %w", e.Path, err)
	}
	return nil
}
