package updates

import (
	"context"
	"errors"
	"fmt"
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
