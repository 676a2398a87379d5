package updates

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/cache"
)

// Every way in which an updated tree can differ is named; what the format
// means to leave alone is told apart.
func TestCompare(t *testing.T) {
	b := newBuilder(t, 1)
	tree := func(files ...file) cache.Tree { return getTree(t, b, putTree(t, b, files...)) }
	ext := "distribution/extensions/x@y/f"
	from := tree(file{"channel-prefs.js", 0, "user's"}, file{"distribution/own", 0, "partner's"}, file{"plain", 0, "x"})
	want := tree(file{"a", 0, "1"}, file{"b", 0, "2"}, file{"c", 0o755, "3"}, file{"channel-prefs.js", 0, "new"}, file{ext, 0, "e"})
	got := tree(file{"a", 0, "1"}, file{"b", 0, "other"}, file{"c", 0, "3"}, file{"d", 0, "4"}, file{"channel-prefs.js", 0, "user's"}, file{"distribution/own", 0, "partner's"})
	got.Dirs = []string{"left"}
	wrong, allowed := compare(from, got, want, TypeComplete)
	words := func(list []Difference) (out []string) {
		for _, d := range list {
			out = append(out, d.What+" "+d.Path)
		}
		return out
	}
	if d := cmp.Diff([]string{"contents b", "mode c", "stray d", "stray directory left/"}, words(wrong)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"contents channel-prefs.js", "missing " + ext, "stray distribution/own"}, words(allowed)); d != "" {
		t.Error(d)
	}
	for _, d := range allowed {
		if d.Why == "" {
			t.Errorf("%v is allowed for no reason", d)
		}
	}
	// A partial lists what it removes: nothing may stay.
	if wrong, _ := compare(from, got, want, TypePartial); !strings.Contains(strings.Join(words(wrong), " "), "stray distribution/own") {
		t.Error("a partial may leave a file behind")
	}
}

func TestVerifySelects(t *testing.T) {
	job := VerifyJob{}
	for _, n := range []string{"a", "b", "c", "d", "e"} {
		job.Updates = append(job.Updates, Update{Name: n})
	}
	names := func(j VerifyJob) string {
		t.Helper()
		list, err := j.Selected()
		if err != nil {
			return err.Error()
		}
		s := ""
		for _, u := range list {
			s += u.Name
		}
		return s
	}
	all := ""
	for k := 1; k <= 3; k++ {
		job.Chunk, job.Chunks = k, 3
		all += names(job) + " "
	}
	if all != "ad be c " {
		t.Errorf("chunks %q", all)
	}
	job.Chunk, job.Chunks, job.Only = 0, 0, []string{"d", "b"}
	if got := names(job); got != "bd" {
		t.Errorf("only d and b: %q", got)
	}
	job.Only = []string{"x"}
	if got := names(job); !strings.Contains(got, `no update is called "x"`) {
		t.Errorf("only x: %q", got)
	}
	for _, bad := range [][2]int{{1, 0}, {0, 2}, {3, 2}, {-1, 2}} {
		if got := names(VerifyJob{Chunk: bad[0], Chunks: bad[1]}); !strings.Contains(got, "chunk") {
			t.Errorf("chunk %v: %q", bad, got)
		}
	}
}

// A partial that is larger than its complete fails, however well it applies,
// and so does one that cannot be applied at all; the others are still told of.
func TestVerifyReports(t *testing.T) {
	b := newBuilder(t, 2)
	complete, partial := both(t, b)
	old, _ := product(1)
	from := putTree(t, b, old...)
	r, err := b.Verify(t.Context(), VerifyJob{Updates: []Update{
		{Name: "good", From: Source{Tree: from}, MAR: partial.Blob, To: Source{MAR: complete.Blob}, MaxSize: complete.Size},
		{Name: "too large", From: Source{Tree: from}, MAR: partial.Blob, To: Source{MAR: complete.Blob}, MaxSize: partial.Size - 1},
		{Name: "on nothing", MAR: partial.Blob, To: Source{MAR: complete.Blob}},
		{Name: "wrong new", From: Source{Tree: from}, MAR: partial.Blob, To: Source{Tree: from}},
		{Name: "no such MAR", From: Source{Tree: from}, MAR: cache.Sum([]byte("?")), To: Source{Tree: from}},
	}})
	if err == nil || !strings.Contains(err.Error(), `4 of 5 updates failed verification, first "too large"`) {
		t.Errorf("error %v", err)
	}
	for i, say := range []string{"", "bytes, the complete", "is not there", "", "not in the cache"} {
		if got := r.Updates[i]; (got.Error == "") != (say == "") || !strings.Contains(got.Error, say) {
			t.Errorf("%s: error %q, want %q", got.Name, got.Error, say)
		}
	}
	if len(r.Updates[3].Differences) == 0 {
		t.Error("wrong new: no differences")
	}
}

// Packages that lie outside the store are verified where they lie: nothing is
// kept of them. What is patched is what the old one installed, or it fails.
func TestVerifyBorrowed(t *testing.T) {
	maker := newBuilder(t, 2)
	complete, partial := both(t, maker)
	old, _ := product(1)
	was, err := maker.Complete(t.Context(), CompleteJob{Tree: putTree(t, maker, old...), ChannelID: "c", Version: "1", MakePrecomplete: true})
	check(t, err)
	b := newBuilder(t, 2)
	borrow := func(m MAR) cache.Digest {
		path := filepath.Join(t.TempDir(), "m")
		check(t, os.WriteFile(path, marBytes(t, maker, m.Blob), 0o600))
		d, err := b.Borrow(path)
		check(t, err)
		return d
	}
	from, to := Source{MAR: borrow(was)}, Source{MAR: borrow(complete)}
	r, err := b.Verify(t.Context(), VerifyJob{Updates: []Update{
		{Name: "complete", From: from, MAR: to.MAR, To: to},
		{Name: "partial", From: from, MAR: borrow(partial), To: to},
		{Name: "wrong old", From: to, MAR: borrow(partial), To: to},
	}})
	if failed := r.Failed(); len(failed) != 1 || failed[0] != "wrong old" {
		t.Errorf("failed %q: %v", failed, err)
	}
	if st, err := b.Store.Stats(t.Context()); err != nil || st.Blobs != 0 || len(st.Results) != 0 {
		t.Errorf("kept %+v, %v", st, err)
	}
}

// A job names a package by its digest: other bytes under its path are refused,
// whether written over it or put in its place.
func TestBorrowedIsReadAsItWasHashed(t *testing.T) {
	maker := newBuilder(t, 2)
	complete, partial := both(t, maker)
	for name, change := range map[string]func(path string, b []byte) error{
		"written over": func(path string, b []byte) error { return os.WriteFile(path, b, 0o600) },
		"replaced": func(path string, b []byte) error {
			check(t, os.WriteFile(path+".new", b, 0o600))
			return os.Rename(path+".new", path)
		},
	} {
		b := newBuilder(t, 1)
		path := filepath.Join(t.TempDir(), "m")
		check(t, os.WriteFile(path, marBytes(t, maker, complete.Blob), 0o600))
		d, err := b.Borrow(path)
		check(t, err)
		if _, _, err := b.Unpack(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		check(t, change(path, marBytes(t, maker, partial.Blob)))
		if _, _, err := b.Unpack(t.Context(), d); err == nil || !strings.Contains(err.Error(), "changed while it was in use") {
			t.Errorf("%s: got error %v", name, err)
		}
	}
}
