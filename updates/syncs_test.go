package updates

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/updates/mar"
)

// told is a disk that notes what is synced, and what look says at that moment.
func told(notes *[]string, look func() string) *syncs {
	note := func(what string) func(*os.File) error {
		return func(f *os.File) error {
			info, err := f.Stat()
			if err != nil {
				return err
			}
			n := what
			if what == "file" {
				n = fmt.Sprintf("%s %s %04o %d", what, filepath.Base(f.Name()), info.Mode().Perm(), info.Size())
			}
			*notes = append(*notes, n+look())
			return nil
		}
	}
	return &syncs{file: note("file"), dir: note("dir"), all: note("all")}
}

func ofFiles(t testing.TB, n int) *mar.Archive {
	t.Helper()
	var manifest strings.Builder
	manifest.WriteString("type \"partial\"\n")
	var entries []mar.Content
	x := xzOf(t, "x")
	for i := range n {
		name := fmt.Sprintf("d%d/e/f%d", i%2, i)
		fmt.Fprintf(&manifest, "add %q\n", name)
		entries = append(entries, mar.Bytes(name, 0o640, x))
	}
	m := rawMAR(t, manifest.String(), entries...)
	a, err := mar.Parse(bytes.NewReader(m), int64(len(m)))
	check(t, err)
	return a
}

// A new directory gets its name when every file, with its mode, and every
// directory in it is on the disk; then the name is put there too.
func TestNewDirectoryIsDurable(t *testing.T) {
	src := t.TempDir()
	check(t, os.WriteFile(filepath.Join(src, "untouched"), []byte("old"), 0o600))
	for verb, tt := range map[string]struct {
		make func(out string, s *syncs) error
		want []string
	}{
		"extract": {
			func(out string, s *syncs) error { return extract(t.Context(), ofFiles(t, 2), out, false, s) },
			[]string{
				"file updatev3.manifest 0644 43", "file f0 0640 1", "file f1 0640 1",
				"dir", "dir", "dir", "dir", "dir", // itself, d0, d0/e, d1, d1/e
				"dir: named",
			},
		},
		"apply --staged": { // what the update itself writes ApplyDir cares for
			func(out string, s *syncs) error { return applyStaged(t.Context(), ofFiles(t, 1), src, out, s) },
			[]string{"file untouched 0600 3", "dir", "dir", "dir", "dir: named"},
		},
	} {
		out := filepath.Join(t.TempDir(), "out")
		var notes []string
		s := told(&notes, func() string {
			if _, err := os.Lstat(out); err == nil {
				return ": named"
			}
			return ""
		})
		if err := tt.make(out, s); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tt.want, notes); d != "" {
			t.Errorf("%s: %s", verb, d)
		}
		errFull := errors.New("disk full")
		s.file = func(*os.File) error { return errFull }
		if err := tt.make(out+"2", s); !errors.Is(err, errFull) {
			t.Errorf("%s: what was not synced: error %v", verb, err)
		}
		if left, err := os.ReadDir(filepath.Dir(out)); err != nil || len(left) != 1 {
			t.Errorf("%s: left %v, %v", verb, left, err)
		}
	}
}

// Many files are synced by one call, when all of them are there; where there is
// no such call, each by itself.
func TestManyFilesAreSyncedAtOnce(t *testing.T) {
	const many = fewSyncs + 50
	for _, whole := range []bool{true, false} {
		parent := t.TempDir()
		var notes []string
		s := told(&notes, func() string { return " of " + strconv.Itoa(files(t, parent)) })
		if !whole {
			s.all = nil
		}
		check(t, extract(t.Context(), ofFiles(t, many), filepath.Join(parent, "out"), true, s))
		count := map[string]int{}
		for _, n := range notes {
			count[strings.Fields(n)[0]]++
		}
		want := map[string]int{"file": fewSyncs, "all": 1, "dir": 1}
		if !whole {
			want = map[string]int{"file": many + 1, "dir": 6}
		}
		if d := cmp.Diff(want, count); d != "" {
			t.Errorf("one call for all %v: %s", whole, d)
		}
		if last := fmt.Sprintf("all of %d", many+1); whole && !slices.Contains(notes, last) {
			t.Errorf("got %q, want %q among them", notes[fewSyncs:], last)
		}
	}
}

// An update in a directory: all that is staged is on the disk before the journal
// counts on it, and all that was moved before the update counts as done.
func TestApplyDirSyncsBeforeItCounts(t *testing.T) {
	for n, want := range map[int][]string{
		1:            {"file new-1", "dir", "dir journal", "dir journal", "dir journal", "dir journal", "dir journal committed", "dir"},
		fewSyncs + 9: {"file new-1", "all", "dir journal", "all journal", "dir journal committed", "dir"},
	} {
		dir := t.TempDir()
		d, err := openDir(dir)
		check(t, err)
		defer d.close()
		var notes []string
		d.syncs = told(&notes, func() (there string) {
			for _, p := range []string{journalPath, committedPath} {
				if _, err := os.Lstat(filepath.Join(dir, p)); err == nil {
					there += " " + filepath.Base(p)
				}
			}
			return there
		})
		check(t, d.apply(t.Context(), ofFiles(t, n)))
		var got []string
		for _, n := range notes {
			if f := strings.Fields(n); f[0] != "file" {
				got = append(got, n)
			} else if f[1] == "new-1" {
				got = append(got, "file new-1")
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%d files: %s", n, d)
		}
	}
}

func files(t testing.TB, dir string) (n int) {
	t.Helper()
	check(t, filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			n++
		}
		return err
	}))
	return n
}
