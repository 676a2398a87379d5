package updates

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/cache"
	"slipway/updates/mar"
)

func readDir(t testing.TB, b *Builder, dir string) cache.Digest {
	t.Helper()
	tree, err := b.ReadDir(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return tree.Digest()
}

func marBytes(t testing.TB, b *Builder, d cache.Digest) []byte {
	t.Helper()
	data, err := b.Store.Bytes(t.Context(), d, 500<<20)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func parsed(t testing.TB, b *Builder, d cache.Digest) *mar.Archive {
	t.Helper()
	data := marBytes(t, b, d)
	a, err := mar.Parse(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func applyDir(t testing.TB, b *Builder, d cache.Digest, dir string) error {
	t.Helper()
	return ApplyDir(t.Context(), parsed(t, b, d), dir)
}

// A directory becomes what the pure function says a tree becomes.
func TestApplyDirIsApply(t *testing.T) {
	b := newBuilder(t, 2)
	for _, name := range []string{"bsdiff.partial", "zucchini.partial", "new.complete", "new.signed"} {
		old, m := sampleTree(t, b, "old"), sampleMAR(t, b, name)
		want, err := b.Apply(t.Context(), ApplyJob{Tree: old, MAR: m})
		if err != nil {
			t.Fatal(err)
		}
		dir := layOut(t, b, old)
		if err := applyDir(t, b, m, dir); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := readDir(t, b, dir); got != want.Digest() {
			t.Errorf("%s: directory is tree %s, want %s", name, got, want.Digest())
		}
	}
}

// What was verified is what is applied: bytes that change afterwards, in a file
// that stays open, are not.
func TestApplyDirAppliesWhatWasVerified(t *testing.T) {
	b := newBuilder(t, 1)
	data := marBytes(t, b, sampleMAR(t, b, "new.signed"))
	a, err := mar.Parse(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	cert, err := os.ReadFile("testdata/c.pem")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := mar.ParseKeys(cert)
	if err != nil {
		t.Fatal(err)
	}
	if err := mar.Verify(a, keys, mar.VerifyOptions{}); err != nil {
		t.Fatal(err)
	}
	data[a.IndexOffset-1] ^= 1 // the last entry's last byte
	dir := t.TempDir()
	if err := ApplyDir(t.Context(), a, dir); err == nil || !strings.Contains(err.Error(), "changed after it was verified") {
		t.Errorf("got error %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

// swap is an update in which files and directories come, go and change places.
func swap(t testing.TB, b *Builder) (old, new, m cache.Digest) {
	prose := strings.Repeat("to be or not to be. ", 50)
	old = putTree(t, b, file{"a", 0, "x"}, file{"d/e/f", 0, "x"}, file{"p", 0o755, prose}, file{"same", 0, "s"}, file{"precomplete", 0, ""})
	new = putTree(t, b, file{"a/b/c", 0, "twin"}, file{"a/twin", 0, "twin"}, file{"p", 0o755, prose + "!"}, file{"same", 0, "s"}, file{"precomplete", 0, ""})
	made, err := b.Partial(t.Context(), PartialJob{From: Source{Tree: old}, To: Source{Tree: new}, ChannelID: "c", Version: "2"})
	if err != nil {
		t.Fatal(err)
	}
	return old, new, made.Blob
}

// After a failure, or after a kill and a recovery, at each single change the
// directory is as it was; without either it is the new tree.
func TestApplyDirStopsAnywhere(t *testing.T) {
	b := newBuilder(t, 2)
	old, new, m := swap(t, b)
	errBroken := errors.New("disk on fire")
	for _, failure := range []error{errBroken, errKilled} {
		for n := 1; ; n++ {
			dir := layOut(t, b, old)
			d, err := openDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			left := n
			d.moved = func() error {
				if left--; left == 0 {
					return failure
				}
				return nil
			}
			err = d.apply(t.Context(), parsed(t, b, m))
			d.close()
			if left > 0 { // it ran through
				if err != nil || readDir(t, b, dir) != new {
					t.Errorf("unhindered: %v", err)
				}
				if n < 8 {
					t.Errorf("only %d changes were made", n-1)
				}
				break
			}
			if !errors.Is(err, failure) {
				t.Fatalf("change %d: error %v, want %v", n, err, failure)
			}
			if failure == errKilled {
				if readDir(t, b, dir) == old {
					t.Errorf("change %d left no trace", n)
				}
				if err := RecoverDir(dir); err != nil {
					t.Fatalf("recovering from a kill at change %d: %v", n, err)
				}
			}
			if got := readDir(t, b, dir); got != old {
				t.Fatalf("%v at change %d: directory is tree %s, want the old %s", failure, n, got, old)
			}
			if err := applyDir(t, b, m, dir); err != nil || readDir(t, b, dir) != new {
				t.Fatalf("second try after %v at change %d: %v", failure, n, err)
			}
		}
	}
}

// A kill while it recovers, and one between commit and cleaning, do no harm.
func TestRecoverTwice(t *testing.T) {
	b := newBuilder(t, 2)
	old, new, m := swap(t, b)
	kill := func(after int) *directory {
		d, err := openDir(layOut(t, b, old))
		if err != nil {
			t.Fatal(err)
		}
		d.moved = func() error {
			if after--; after == 0 {
				return errKilled
			}
			return nil
		}
		if err := d.apply(t.Context(), parsed(t, b, m)); !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		return d
	}
	d := kill(8)
	dir := d.root.Name()
	before, err := fs.ReadFile(d.root.FS(), journalPath)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.recover(); err != nil {
		t.Fatal(err)
	}
	// As if the recovery had been killed before it removed its last trace.
	if err := errors.Join(d.root.Mkdir(workDir, 0o700), d.root.WriteFile(journalPath, before, 0o600), d.recover()); err != nil {
		t.Fatal(err)
	}
	d.close()
	if got := readDir(t, b, dir); got != old {
		t.Errorf("recovered twice: tree %s, want %s", got, old)
	}

	if err := applyDir(t, b, m, dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "journal", "committed", "old-1"} {
		if err := os.MkdirAll(filepath.Join(dir, workDir), 0o700); err != nil {
			t.Fatal(err)
		}
		if name != "" {
			if err := os.WriteFile(filepath.Join(dir, workDir, name), before, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if name == "journal" {
			continue // complete only with the commit that follows
		}
		if err := RecoverDir(dir); err != nil {
			t.Fatal(err)
		}
		if got := readDir(t, b, dir); got != new {
			t.Errorf("after the commit, %q left: tree %s, want %s", name, got, new)
		}
	}
}

// Names that are not UTF-8 no manifest can hold, but rmrfdir takes such files with
// the rest; each is given back its own.
func TestUndoKeepsEveryByteOfAName(t *testing.T) {
	dir := t.TempDir()
	names := []string{"d/a\xfe", "d/a\xff", `d/"quoted"`, "d/a\uFFFD"}
	check(t, os.Mkdir(filepath.Join(dir, "d"), 0o755))
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644); err != nil {
			t.Skip(err) // Windows and macOS keep no such names
		}
	}
	m := rawMAR(t, "type \"partial\"\nadd \"new\"\nrmrfdir \"d/\"\n", mar.Bytes("new", 0o644, xzOf(t, "x")))
	a, err := mar.Parse(bytes.NewReader(m), int64(len(m)))
	check(t, err)
	d, err := openDir(dir)
	check(t, err)
	defer d.close()
	moved := 0
	d.moved = func() error {
		if moved++; moved == len(names)+1 { // all are set aside, and the new file is in place
			return errKilled
		}
		return nil
	}
	if err := d.apply(t.Context(), a); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	check(t, d.recover())
	for _, name := range names {
		if got, err := os.ReadFile(filepath.Join(dir, name)); string(got) != name {
			t.Errorf("%q holds %q, %v", name, got, err)
		}
	}
	left, err := os.ReadDir(filepath.Join(dir, "d"))
	if err != nil || len(left) != len(names) {
		t.Errorf("%d files came back, want %d: %v", len(left), len(names), err)
	}
}

func TestRecoverRefusesAnotherJournal(t *testing.T) {
	dir := t.TempDir()
	check(t, os.Mkdir(filepath.Join(dir, workDir), 0o700))
	check(t, os.WriteFile(filepath.Join(dir, journalPath), []byte(`[{"path":"a","staged":".slipway-update/new-1","mode":420}]`), 0o600))
	if err := RecoverDir(dir); err == nil || !strings.Contains(err.Error(), `path "a" is not in quotes`) {
		t.Errorf("got error %v", err)
	}
}

func TestApplyDirRefuses(t *testing.T) {
	b := newBuilder(t, 2)
	old := sampleTree(t, b, "old")
	partial := sampleMAR(t, b, "bsdiff.partial")
	tests := map[string]struct {
		change func(dir string) error
		say    string
	}{
		"patched file differs":   {func(dir string) error { return os.WriteFile(dir+"/app", make([]byte, 14592), 0o755) }, "updater error 4"},
		"patched file is longer": {func(dir string) error { return os.WriteFile(dir+"/app", make([]byte, 1), 0o755) }, "updater error 2"},
		"patched file missing":   {func(dir string) error { return os.Remove(dir + "/app") }, `"app" is not there`},
		"link instead of a file": {func(dir string) error { return errors.Join(os.Remove(dir+"/app"), os.Symlink("app.exe", dir+"/app")) }, "updater error 6"},
		"file where a directory is needed": {func(dir string) error {
			return os.WriteFile(dir+"/added dir", nil, 0o644)
		}, "updater error 7"},
	}
	for name, tt := range tests {
		dir := layOut(t, b, old)
		if err := tt.change(dir); err != nil {
			t.Fatal(err)
		}
		before := readDir(t, b, dir)
		err := applyDir(t, b, partial, dir)
		if err == nil || !strings.Contains(err.Error(), tt.say) {
			t.Errorf("%s: error %v, want %q", name, err, tt.say)
		}
		if got := readDir(t, b, dir); got != before {
			t.Errorf("%s: the directory changed", name)
		}
	}
	for _, name := range []string{workDir, workDir + "/journal"} {
		dir := layOut(t, b, old)
		data := rawMAR(t, "type \"partial\"\nadd \""+name+"\"\n", mar.Bytes(name, 0o644, xzOf(t, "x")))
		if err := applyDir(t, b, putBytes(t, b, data), dir); err == nil || !strings.Contains(err.Error(), "is ours while an update runs") {
			t.Errorf("%s: error %v", name, err)
		}
		if got := readDir(t, b, dir); got != old {
			t.Errorf("%s: the directory changed", name)
		}
	}
	dir := layOut(t, b, old)
	d, err := openDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	if err := applyDir(t, b, partial, dir); err == nil || !strings.Contains(err.Error(), "another update is at work") {
		t.Errorf("second update beside a running one: %v", err)
	}
}

// Where File and file are one, an update that adds the one beside the other
// would lose it.
func TestNewNameIsNotTaken(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := openDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	// What a file system without case would list is told instead.
	before := cache.Tree{Entries: []cache.Entry{{Path: "File"}}}
	if err := d.notTaken("file", before, before); err == nil || !strings.Contains(err.Error(), `"file" is new, but`) {
		t.Errorf("beside File: %v", err)
	}
	if err := d.notTaken("file", before, cache.Tree{}); err != nil {
		t.Errorf("File goes: %v", err)
	}
	if err := d.notTaken("other", before, before); err != nil {
		t.Errorf("a free name: %v", err)
	}
}
