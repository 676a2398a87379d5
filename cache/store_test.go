package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func open(t *testing.T, dir string, o Options) *Store {
	t.Helper()
	s, err := OpenWith(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func put(t *testing.T, s *Store, text string) Blob {
	t.Helper()
	b, err := s.PutBytes(t.Context(), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPutGet(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	large := strings.Repeat("omni.ja ", inMemory/4)
	for _, text := range []string{"", "a", large} {
		b, err := s.Put(t.Context(), strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if want := (Blob{Sum([]byte(text)), int64(len(text))}); b != want {
			t.Errorf("Put gives %v, want %v", b, want)
		}
		got, err := s.Bytes(t.Context(), b.Digest, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != text {
			t.Errorf("got %d bytes that differ from the %d put", len(got), len(text))
		}
		if !s.Has(b.Digest) {
			t.Errorf("Has(%s) = false after Put", b.Digest)
		}
	}
	if _, err := s.Bytes(t.Context(), Sum([]byte(large)), 100); err == nil || !strings.Contains(err.Error(), "at most 100 wanted") {
		t.Errorf("over the limit: got error %v", err)
	}
	if _, err := s.Get(t.Context(), Sum([]byte("never put"))); !errors.Is(err, ErrMissing) {
		t.Errorf("never put: got error %v, want ErrMissing", err)
	}
	if _, err := s.Get(t.Context(), "sha256:../../etc/passwd"); err == nil || errors.Is(err, ErrMissing) {
		t.Errorf("malformed digest: got error %v", err)
	}
}

func TestPutFailureLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	boom := errors.New("boom")
	if _, err := s.Put(t.Context(), &failing{bytes.NewReader(make([]byte, 1000)), boom}); !errors.Is(err, boom) {
		t.Fatalf("got error %v, want %v", err, boom)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Put(ctx, strings.NewReader("x")); !errors.Is(err, context.Canceled) {
		t.Fatalf("got error %v, want cancelled", err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*"))
	more, _ := filepath.Glob(filepath.Join(dir, "tmp", "*", "[^.]*"))
	if len(files) != 1 || len(more) != 0 { // the session directory
		t.Errorf("left behind: %q %q", files, more)
	}
}

// Whoever writes into the store may err, or not look at what Write returns.
func TestPutFrom(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	boom := errors.New("boom")
	if _, err := s.PutFrom(t.Context(), func(w io.Writer) error { io.WriteString(w, "half"); return boom }); err != boom {
		t.Errorf("got error %v, want %v", err, boom)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := s.PutFrom(ctx, func(w io.Writer) error {
		io.WriteString(w, "half")
		cancel()
		io.WriteString(w, " and half")
		return nil
	}); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want cancelled", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*", "*", "*")); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
	b, err := s.PutFrom(t.Context(), func(w io.Writer) error { _, err := io.WriteString(w, "whole"); return err })
	must(t, err)
	if want := (Blob{Sum([]byte("whole")), 5}); b != want || !s.Has(b.Digest) {
		t.Errorf("got %v, want %v", b, want)
	}
}

type failing struct {
	r   *bytes.Reader
	err error
}

func (f *failing) Read(b []byte) (int, error) {
	if f.r.Len() == 0 {
		return 0, f.err
	}
	return f.r.Read(b)
}

func TestBatch(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	b := s.Batch()
	blobs := make([]Blob, 2*maxPending+3)
	var wg sync.WaitGroup
	for worker := range 3 { // each file is put by all of them
		wg.Go(func() {
			for i := range blobs {
				blob, err := b.PutBytes(t.Context(), []byte(fmt.Sprint("file ", i)))
				if err != nil {
					t.Error(err)
				}
				if worker == 0 {
					blobs[i] = blob
				}
			}
		})
	}
	wg.Wait()
	if err := b.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, blob := range blobs {
		if _, err := s.Bytes(t.Context(), blob.Digest, 100); err != nil {
			t.Error(err)
		}
	}
	dropped, err := b.PutBytes(t.Context(), []byte("dropped"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Has(dropped.Digest) {
		t.Error("a blob is there before Commit")
	}
	b.Abort()
	if s.Has(dropped.Digest) {
		t.Error("a blob is there after Abort")
	}
	if more, _ := filepath.Glob(filepath.Join(dir, "tmp", "*", "[^.]*")); len(more) != 0 {
		t.Errorf("left behind: %q", more)
	}
}

func TestDoOnce(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	key := Key{Space: "xz", Parts: map[string]string{"in": "a", "preset": "6"}}
	made := 0
	make := func(ctx context.Context) (Value, error) {
		made++
		b, err := s.PutBytes(ctx, []byte("compressed"))
		return Value{Blobs: []Blob{b}, Note: []byte(`{"a": 1}`)}, err
	}
	for range 3 {
		v, err := s.Do(t.Context(), key, make)
		if err != nil {
			t.Fatal(err)
		}
		if string(v.Note) != `{"a":1}` || len(v.Blobs) != 1 {
			t.Errorf("got %+v", v)
		}
	}
	again := open(t, dir, Options{})
	if _, err := again.Do(t.Context(), key, make); err != nil {
		t.Fatal(err)
	}
	if made != 1 {
		t.Errorf("made %d times, want once", made)
	}
	if c := s.Counts()["xz"]; c.Hits != 2 || c.Misses != 1 || c.BytesSaved != 20 {
		t.Errorf("counts %+v", c)
	}
	if _, err := os.Stat(filepath.Join(dir, "keys", key.Digest().Hex())); err != nil {
		t.Error(err)
	}
}

func TestTreeRoundTrip(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	b := put(t, s, "x")
	tree := Tree{
		Entries: []Entry{
			{Path: "b", Mode: 0o755, Size: 1, Blob: b.Digest},
			{Path: "a/<&> ä", Mode: 0o644, Size: 1, Blob: b.Digest},
			{Path: "l", Mode: 0o777, Link: "../a"},
		},
		Dirs: []string{"z", "empty/dir"},
	}
	blob, err := s.PutTree(t.Context(), tree)
	if err != nil {
		t.Fatal(err)
	}
	if blob.Digest != tree.Digest() {
		t.Errorf("kept as %s, digest is %s", blob.Digest, tree.Digest())
	}
	got, err := s.Tree(t.Context(), blob.Digest)
	if err != nil {
		t.Fatal(err)
	}
	if got.Digest() != tree.Digest() || got.Entries[0].Path != "a/<&> ä" {
		t.Errorf("got %+v", got)
	}
}

func TestTreeRefusals(t *testing.T) {
	x := Sum([]byte("x"))
	file := func(p string) Entry { return Entry{Path: p, Mode: 0o644, Size: 1, Blob: x} }
	for _, c := range []struct {
		name string
		tree Tree
		want string
	}{
		{"climbs", Tree{Entries: []Entry{file("../a")}}, "want a relative path"},
		{"absolute", Tree{Entries: []Entry{file("/a")}}, "want a relative path"},
		{"dot", Tree{Entries: []Entry{file(".")}}, "want a relative path"},
		{"empty", Tree{Entries: []Entry{file("")}}, "want a relative path"},
		{"not clean", Tree{Entries: []Entry{file("a//b")}}, "want a relative path"},
		{"backslash", Tree{Entries: []Entry{file(`a\..\b`)}}, "want a relative path"},
		{"NUL", Tree{Entries: []Entry{file("a\x00b")}}, "want a relative path"},
		{"not UTF-8", Tree{Entries: []Entry{file("a\xffb")}}, "want a relative path"},
		{"twice", Tree{Entries: []Entry{file("a"), file("a")}}, "each path once"},
		{"below a file", Tree{Entries: []Entry{file("a"), file("a/b")}}, "lies below it"},
		{"far below a file", Tree{Entries: []Entry{file("a"), file("a/b/c/d")}}, "lies below it"},
		{"through a link", Tree{Entries: []Entry{{Path: "a", Link: "b"}, file("a/b")}}, "lies below it"},
		{"file and directory", Tree{Entries: []Entry{file("a")}, Dirs: []string{"a"}}, "a file and a directory"},
		{"full directory", Tree{Entries: []Entry{file("a/b")}, Dirs: []string{"a"}}, "listed as empty"},
		{"directory climbs", Tree{Dirs: []string{"a/.."}}, "want a relative path"},
		{"link with contents", Tree{Entries: []Entry{{Path: "a", Link: "b", Blob: x}}}, "and has contents"},
		{"setuid", Tree{Entries: []Entry{{Path: "a", Mode: 0o4755, Blob: x}}}, "permission bits only"},
		{"no digest", Tree{Entries: []Entry{{Path: "a"}}}, "want sha256:"},
		{"negative size", Tree{Entries: []Entry{{Path: "a", Size: -1, Blob: x}}}, "size -1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, t.TempDir(), Options{})
			if _, err := s.PutTree(t.Context(), c.tree); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("PutTree: got error %v, want %q", err, c.want)
			}
			// Planted as bytes, it is refused when read, too.
			b := put(t, s, string(c.tree.canonical().encode()))
			if _, err := s.Tree(t.Context(), b.Digest); err == nil {
				t.Error("Tree: no error")
			}
		})
	}
	s := open(t, t.TempDir(), Options{})
	for _, text := range []string{``, `{}`, `{"entries":null} `, `{"entries":null,"x":1}`, `{"entries":[]}`, `{"entries":null}{}`} {
		b := put(t, s, text)
		if _, err := s.Tree(t.Context(), b.Digest); err == nil {
			t.Errorf("tree %q: no error", text)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func quarantined(t *testing.T, dir string) int {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(dir, "bad"))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}
