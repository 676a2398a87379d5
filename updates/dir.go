package updates

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"unicode/utf8"

	"slipway/cache"
)

// ErrKind refuses what is neither file, directory nor link.
var ErrKind = errors.New("neither file, directory nor link")

// ReadDir puts a directory's files into the store and returns its tree. Links
// are kept as links and never followed; what is neither file, directory nor
// link is refused. Windows keeps no modes: there they are guessed.
func (b *Builder) ReadDir(ctx context.Context, dir string) (cache.Tree, error) {
	var t cache.Tree
	root, err := os.OpenRoot(dir)
	if err != nil {
		return t, err
	}
	defer root.Close()
	children := map[string]int{}
	err = fs.WalkDir(root.FS(), ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil || p == "." {
			return err
		}
		if !utf8.ValidString(p) {
			return fmt.Errorf("%q: the name is not UTF-8, which no manifest can hold; rename it", p)
		}
		children[path.Dir(p)]++
		info, err := e.Info()
		if err != nil {
			return err
		}
		entry := cache.Entry{Path: p, Mode: uint32(info.Mode().Perm())}
		switch {
		case e.IsDir():
			t.Dirs = append(t.Dirs, p)
			return nil
		case info.Mode().IsRegular():
			t.Entries = append(t.Entries, entry)
			return nil
		case info.Mode().Type() == fs.ModeSymlink:
			entry.Mode = 0o777
			entry.Link, err = root.Readlink(p)
			t.Entries = append(t.Entries, entry)
			return err
		}
		return fmt.Errorf("%q is %w: %s", p, ErrKind, info.Mode().Type())
	})
	if err != nil {
		return t, err
	}
	var empty []string
	for _, d := range t.Dirs {
		if children[d] == 0 {
			empty = append(empty, d)
		}
	}
	t.Dirs = empty
	told := b.tell("read", len(t.Entries))
	blobs := b.Store.Batch()
	defer blobs.Abort()
	err = b.each(ctx, len(t.Entries), nil, func(ctx context.Context, i, _ int) error {
		e := &t.Entries[i]
		defer told.begin(e.Path)()
		if e.Link != "" {
			return nil
		}
		f, err := root.Open(e.Path)
		if err != nil {
			return err
		}
		blob, err := blobs.Put(ctx, f)
		e.Blob, e.Size = blob.Digest, blob.Size
		if runtime.GOOS == "windows" {
			e.Mode = guessMode(f)
		}
		return errors.Join(err, f.Close())
	})
	if err == nil {
		err = blobs.Commit(ctx)
	}
	t.Sort()
	return t, err
}

// WriteDir lays a tree out in an existing directory, which must not hold any
// of its files. Modes are the tree's, whatever the umask.
func (b *Builder) WriteDir(ctx context.Context, t cache.Tree, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, d := range directories(t) {
		if err := root.Mkdir(d, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := root.Chmod(d, 0o755); err != nil {
			return err
		}
	}
	for _, e := range t.Entries {
		if err := b.writeFile(ctx, root, e); err != nil {
			return fmt.Errorf("%q: %w", e.Path, err)
		}
	}
	return nil
}

func (b *Builder) writeFile(ctx context.Context, root *os.Root, e cache.Entry) error {
	if e.Link != "" {
		return root.Symlink(e.Link, e.Path)
	}
	r, err := b.Store.Get(ctx, e.Blob)
	if err != nil {
		return err
	}
	defer r.Close()
	f, err := root.OpenFile(e.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Chmod(fs.FileMode(e.Mode)), f.Close())
}
