package repack

import (
	"archive/tar"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"slipway/cache"
	"slipway/testdata/peer"
)

var when = time.Date(2026, 3, 1, 10, 15, 0, 0, time.UTC)

func openStore(t testing.TB) *cache.Store {
	t.Helper()
	s, err := cache.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// tree makes a tree of path → contents; "->target" is a link, a path ending in
// a slash an empty directory, and contents starting "#!" are executable.
func tree(t testing.TB, s *cache.Store, files map[string]string) cache.Tree {
	t.Helper()
	var out cache.Tree
	for p, text := range files {
		if dir, ok := strings.CutSuffix(p, "/"); ok {
			out.Dirs = append(out.Dirs, dir)
			continue
		}
		if target, ok := strings.CutPrefix(text, "->"); ok {
			out.Entries = append(out.Entries, cache.Entry{Path: p, Mode: 0o777, Link: target})
			continue
		}
		mode := uint32(0o644)
		if strings.HasPrefix(text, "#!") {
			mode = 0o755
		}
		b, err := s.PutBytes(context.Background(), []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		out.Entries = append(out.Entries, cache.Entry{Path: p, Mode: mode, Size: b.Size, Blob: b.Digest})
	}
	out.Sort()
	return out
}

func skiff(t testing.TB, s *cache.Store) cache.Tree {
	return tree(t, s, map[string]string{
		"Skiff.app/Contents/MacOS/skiff":                       "#!binary",
		"Skiff.app/Contents/Resources/empty":                   "",
		"Skiff.app/Contents/Resources/größe.txt":               strings.Repeat("text ", 5000),
		"Skiff.app/Contents/Frameworks/F/Current":              "->Versions/A",
		"Skiff.app/Contents/Frameworks/F/Versions/A/Resources": "->../../Info",
		"Skiff.app/Contents/Frameworks/F/Info":                 "info",
		"Skiff.app/Contents/Plugins/":                          "",
	})
}

func TestWhatPackWritesUnpackReads(t *testing.T) {
	ctx, s := context.Background(), openStore(t)
	want := skiff(t, s)
	for _, f := range []Format{Tar, TarGz, TarXz, Zip} {
		t.Run(string(f), func(t *testing.T) {
			blob, err := Pack(ctx, s, want, f, when)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Unpack(ctx, s, blob.Digest, f, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("want - got +\n%s", d)
			}
			again, err := Pack(ctx, s, got, f, when.In(time.FixedZone("PDT", -7*3600)))
			if err != nil || again != blob {
				t.Errorf("packed twice: %v and %v, %v", blob, again, err)
			}
		})
	}
}

// The bytes of gzip and zip change only with go.mod; then these digests do,
// and Skiff's archives with them.
func TestArchivesStayTheSameBytes(t *testing.T) {
	ctx, s := context.Background(), openStore(t)
	want := map[Format]string{
		Tar: "058d17ea977d", TarGz: "17a7079b2a04", Zip: "e77c42ebe904",
	}
	for f, digest := range want {
		blob, err := Pack(ctx, s, skiff(t, s), f, when)
		if err != nil {
			t.Fatal(err)
		}
		if got := blob.Digest.Short(); got != digest {
			t.Errorf("%s: got %s, want %s", f, got, digest)
		}
	}
}

func TestOtherProgramsReadOurArchives(t *testing.T) {
	ctx, s := context.Background(), openStore(t)
	want := skiff(t, s)
	for f, argv := range map[Format][]string{
		TarGz: {"tar", "-xzf"}, TarXz: {"tar", "-xJf"}, Zip: {"unzip", "-q"},
	} {
		t.Run(string(f), func(t *testing.T) {
			prog := peer.Path(t, argv[0])
			blob, err := Pack(ctx, s, want, f, when)
			if err != nil {
				t.Fatal(err)
			}
			b, err := s.Bytes(ctx, blob.Digest, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			file := filepath.Join(dir, "archive")
			if err := os.WriteFile(file, b, 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(prog, append(argv[1:], file)...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", argv[0], err, out)
			}
			for _, e := range want.Entries {
				p := filepath.Join(dir, e.Path)
				if e.Link != "" {
					if got, err := os.Readlink(p); got != e.Link {
						t.Errorf("%s: link to %q, want %q: %v", e.Path, got, e.Link, err)
					}
					continue
				}
				got, err := os.ReadFile(p)
				info, serr := os.Stat(p)
				if err != nil || serr != nil || cache.Sum(got) != e.Blob || uint32(info.Mode().Perm()) != e.Mode {
					t.Errorf("%s: other contents or mode: %v %v", e.Path, err, serr)
				}
			}
		})
	}
}

func TestRoundTripOfAnyTree(t *testing.T) {
	ctx, s := context.Background(), openStore(t)
	name := rapid.StringMatching(`[a-c]{1,2}(/[d-fö]{1,2}){0,3}`)
	rapid.Check(t, func(rt *rapid.T) {
		files := map[string]string{}
		seen := newNames()
		for range rapid.IntRange(1, 12).Draw(rt, "n") {
			p := name.Draw(rt, "path")
			if seen.add(p, isFile) == nil {
				files[p] = rapid.SampledFrom([]string{"", "#!x", "text", strings.Repeat("long", 999)}).Draw(rt, "text")
			}
		}
		if len(files) == 0 {
			return
		}
		want := tree(t, s, files)
		for _, f := range []Format{TarGz, Zip} {
			blob, err := Pack(ctx, s, want, f, when)
			if err != nil {
				rt.Fatal(err)
			}
			got, err := Unpack(ctx, s, blob.Digest, f, Limits{})
			if err != nil {
				rt.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				rt.Fatalf("%s: want - got +\n%s", f, d)
			}
		}
	})
}

// A source archive has what git has. Another tar reads it back.
func TestPackSourceTakesWhatRepositoriesHold(t *testing.T) {
	ctx, s := context.Background(), openStore(t)
	files := map[string]string{
		"Makefile": "one", "makefile": "other", `units/dev-disk-by\x2dlabel.swap`: "unit", "nested/link": "->../Makefile/../..", "etc": "->/etc/passwd", "c:d": "colon",
	}
	for _, f := range []Format{Tar, TarGz} {
		blob, err := PackSource(ctx, s, tree(t, s, files), f, when)
		if err != nil {
			t.Fatal(err)
		}
		if f != Tar {
			continue
		}
		b, err := s.Bytes(ctx, blob.Digest, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for r := tar.NewReader(bytes.NewReader(b)); ; {
			h, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			switch h.Typeflag {
			case tar.TypeReg:
				got[h.Name] = string(text)
			case tar.TypeSymlink:
				got[h.Name] = "->" + h.Linkname
			}
		}
		if d := cmp.Diff(files, got); d != "" {
			t.Errorf("want - got +\n%s", d)
		}
	}
	for _, p := range []string{"../x", "/x", "a/../b", "..", ".", ""} {
		if _, err := PackSource(ctx, s, tree(t, s, map[string]string{p: "text"}), Tar, when); err == nil {
			t.Errorf("tree with %q: packed", p)
		}
	}
}

func TestPackRefusesTreesThatNoArchiveMayHold(t *testing.T) {
	ctx, s := context.Background(), openStore(t)
	for p, text := range map[string]string{
		"../x": "climbs", "/x": "absolute", "a/./b": "not clean", "l": "->/etc", "": "empty",
	} {
		_, err := Pack(ctx, s, tree(t, s, map[string]string{p: text}), Tar, when)
		if err == nil {
			t.Errorf("tree with %q: packed", p)
		}
	}
	if _, err := Pack(ctx, s, skiff(t, s), TarBz2, when); err == nil || !strings.Contains(err.Error(), "cannot be written") {
		t.Errorf("tar.bz2: %v", err)
	}
}

func TestDiff(t *testing.T) {
	s := openStore(t)
	a := tree(t, s, map[string]string{"same": "1", "text": "1", "mode": "#!", "gone": "1", "link": "->same", "old/": ""})
	b := tree(t, s, map[string]string{"same": "1", "text": "2", "mode": "#!", "new": "1", "link": "->text", "dir/": ""})
	for i := range b.Entries {
		if b.Entries[i].Path == "mode" {
			b.Entries[i].Mode = 0o600
		}
	}
	want := []Change{
		{"dir/", "added"},
		{"gone", "removed"},
		{"link", "link"},
		{"mode", "mode"},
		{"new", "added"},
		{"old/", "removed"},
		{"text", "contents"},
	}
	if d := cmp.Diff(want, Diff(a, b)); d != "" {
		t.Errorf("want - got +\n%s", d)
	}
	if got := Diff(a, a); got != nil {
		t.Errorf("a tree differs from itself: %v", got)
	}
}

func TestCappedReadsExactlyItsLimit(t *testing.T) {
	for n, ok := range map[int]bool{9: true, 10: true, 11: false} {
		var b bytes.Buffer
		_, err := b.ReadFrom(capReader(bytes.NewReader(make([]byte, n)), 10, 1))
		if (err == nil) != ok || b.Len() > 10 {
			t.Errorf("%d bytes with limit 10: read %d, %v", n, b.Len(), err)
		}
	}
}

// An archive may hold gigabytes: of .tar.xz too no more is in memory than the
// dictionary and half of it.
func TestTarXzIsNotInMemory(t *testing.T) {
	s := openStore(t)
	archive := packXz(t, tarOf(t, tar.Header{Name: "a", Size: 96 << 20}))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	tree, err := unpackBytes(t, s, archive, TarXz, Limits{Ratio: 1 << 20})
	runtime.ReadMemStats(&after)
	if err != nil || tree.Size() != 96<<20 {
		t.Fatalf("%d bytes, %v", tree.Size(), err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 48<<20 {
		t.Errorf("allocated %d bytes", n)
	}
}
