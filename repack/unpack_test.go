package repack

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/cache"
)

// Unpacking is remembered, and done again when the cache has lost a file.
func TestUnpackSurvivesALossyCache(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	s, err := cache.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	want := skiff(t, s)
	blob, err := Pack(ctx, s, want, TarGz, when)
	if err != nil {
		t.Fatal(err)
	}
	r := &Repacker{Store: s}
	for range 2 {
		got, err := r.Unpack(ctx, blob.Digest, TarGz)
		if err != nil || Diff(want, got) != nil {
			t.Fatalf("differences %v, %v", Diff(want, got), err)
		}
	}
	if c := s.Counts()["repack/unpack"]; c.Hits != 1 || c.Misses != 1 {
		t.Errorf("counted %+v, want one hit and one miss", c)
	}
	program, ok := want.Lookup("Skiff.app/Contents/MacOS/skiff")
	if !ok {
		t.Fatal("no program in the tree")
	}
	lost := program.Blob
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(filepath.ToSlash(p), lost.Hex()[4:]) {
			return os.Remove(p)
		}
		return err
	})
	if err != nil || s.Has(lost) {
		t.Fatalf("the file is still there, or %v", err)
	}
	got, err := r.Unpack(ctx, blob.Digest, TarGz)
	if err != nil || Diff(want, got) != nil || !s.Has(lost) {
		t.Errorf("after a loss: differences %v, %v", Diff(want, got), err)
	}
}

// A canceled context stops an archive between its entries.
func TestUnpackStops(t *testing.T) {
	s := openStore(t)
	blob, err := s.PutBytes(context.Background(), tarOf(t, reg("a"), reg("b")))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Unpack(ctx, s, blob.Digest, Tar, Limits{}); err == nil {
		t.Error("unpacked after the end")
	}
}
