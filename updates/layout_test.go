package updates

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"testing"

	"slipway/cache"
)

// layOut writes a tree of the store to a new directory, with the tree's modes
// whatever the umask.
func layOut(t testing.TB, b *Builder, d cache.Digest) string {
	t.Helper()
	dir, tree := t.TempDir(), getTree(t, b, d)
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, d := range directories(tree) {
		if err := errors.Join(root.Mkdir(d, 0o755), root.Chmod(d, 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range tree.Entries {
		if err := layOutFile(t, b, root, e); err != nil {
			t.Fatalf("%q: %v", e.Path, err)
		}
	}
	return dir
}

func layOutFile(t testing.TB, b *Builder, root *os.Root, e cache.Entry) error {
	if e.Link != "" {
		return root.Symlink(e.Link, e.Path)
	}
	r, err := b.Store.Get(t.Context(), e.Blob)
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
