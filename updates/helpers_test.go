package updates

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/cache"
	"slipway/updates/xz"
)

func newBuilder(t testing.TB, workers int) *Builder {
	t.Helper()
	s, err := cache.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &Builder{Store: s, Workers: workers}
}

// file is a line of a tree in a test.
type file struct {
	path string
	mode uint32
	data string
}

func putTree(t testing.TB, b *Builder, files ...file) cache.Digest {
	t.Helper()
	var tree cache.Tree
	for _, f := range files {
		blob, err := b.Store.PutBytes(t.Context(), []byte(f.data))
		if err != nil {
			t.Fatal(err)
		}
		if f.mode == 0 {
			f.mode = 0o644
		}
		tree.Entries = append(tree.Entries, cache.Entry{Path: f.path, Mode: f.mode, Size: blob.Size, Blob: blob.Digest})
	}
	return keepTree(t, b, tree)
}

func keepTree(t testing.TB, b *Builder, tree cache.Tree) cache.Digest {
	t.Helper()
	blob, err := b.Store.PutTree(t.Context(), tree)
	if err != nil {
		t.Fatal(err)
	}
	return blob.Digest
}

func getTree(t testing.TB, b *Builder, d cache.Digest) cache.Tree {
	t.Helper()
	tree, err := b.Store.Tree(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// sampleTree reads one of the two trees that Mozilla's sample MARs are made of.
func sampleTree(t testing.TB, b *Builder, name string) cache.Digest {
	t.Helper()
	packed, err := os.ReadFile(filepath.Join("testdata", name+".tar.xz"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := xz.Decode(packed, 16<<20)
	if err != nil {
		t.Fatal(err)
	}
	var files []file
	for r := tar.NewReader(bytes.NewReader(data)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return putTree(t, b, files...)
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file{strings.TrimPrefix(h.Name, name+"/"), uint32(h.Mode), string(content)})
	}
}

// sampleMAR puts one of Mozilla's MARs into the store.
func sampleMAR(t testing.TB, b *Builder, name string) cache.Digest {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".mar"))
	if err != nil {
		t.Fatal(err)
	}
	return putBytes(t, b, data)
}

func putBytes(t testing.TB, b *Builder, data []byte) cache.Digest {
	t.Helper()
	blob, err := b.Store.PutBytes(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	return blob.Digest
}

// opened gives a test the parsed package d.
func opened(t testing.TB, b *Builder, d cache.Digest, do func(*archive)) {
	t.Helper()
	a, err := b.open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	do(a)
}

func manifestOf(t testing.TB, b *Builder, d cache.Digest) []string {
	t.Helper()
	var lines []string
	opened(t, b, d, func(a *archive) {
		lines = strings.Split(strings.TrimSuffix(string(a.manifest.Bytes()), "\n"), "\n")
	})
	return lines
}
