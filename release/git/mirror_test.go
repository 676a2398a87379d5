package git

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"slipway/cache"
)

func TestTreeAndCheckoutKeepModesLinksAndNames(t *testing.T) {
	url, revs := remote(t)
	m := testMirror(t, url)
	store, err := cache.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	tree, err := m.Tree(t.Context(), store, revs[0], "")
	if err != nil {
		t.Fatal(err)
	}
	if len(tree.Entries) != 2 || tree.Entries[0].Path != "src/a b.txt" || tree.Entries[1].Mode != 0o755 {
		t.Errorf("tree = %+v", tree.Entries)
	}
	if text, err := store.Bytes(t.Context(), tree.Entries[0].Blob, 100); err != nil || string(text) != "tide\n" {
		t.Errorf("%s reads %q, %v", tree.Entries[0].Path, text, err)
	}
	dir := t.TempDir()
	if err := m.Checkout(t.Context(), revs[0], "", dir); err != nil {
		t.Fatal(err)
	}
	fi, err := os.Stat(filepath.Join(dir, "version.txt"))
	if err != nil || fi.Mode() != 0o755 || !fi.ModTime().Equal(testTime) {
		t.Errorf("version.txt: %v, %v", fi, err)
	}
	part := t.TempDir()
	if err := m.Checkout(t.Context(), revs[0], "src", part); err != nil {
		t.Fatal(err)
	}
	if names, err := os.ReadDir(part); err != nil || len(names) != 1 || names[0].Name() != "a b.txt" {
		t.Errorf("of src alone: %v, %v", names, err)
	}
}

// What a killed "git init" left, here or by an earlier slipway, is made anew.
func TestHalfAMirrorIsMadeAnew(t *testing.T) {
	url, revs := remote(t)
	m := testMirror(t, url)
	for _, gone := range []string{"HEAD", "config", "objects", "refs"} {
		if err := m.Need(t.Context(), revs[1]); err != nil {
			t.Fatalf("before %s went: %v", gone, err)
		}
		write(t, filepath.Join(m.dir+".new", "HEAD"), "half")
		if err := os.RemoveAll(filepath.Join(m.dir, gone)); err != nil {
			t.Fatal(err)
		}
		var err error
		if m, err = m.git.Mirror(t.Context(), m.Name, m.URL); err != nil {
			t.Errorf("without %s: %v", gone, err)
		}
	}
	if err := m.Need(t.Context(), revs[1]); err != nil {
		t.Error(err)
	}
}

// A fetch that was killed, or found the disk full, leaves no commit behind whose
// files did not come: nobody would fetch them any more.
func TestAFetchThatBreaksOffIsMadeAgain(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no shell")
	}
	work, full := filepath.Join(t.TempDir(), "work"), filepath.Join(t.TempDir(), "full")
	sh(t, "", "init", "--quiet", work)
	write(t, filepath.Join(work, "version.txt"), "1.0\n")
	large := make([]byte, 300<<10)
	if _, err := rand.NewChaCha8([32]byte{}).Read(large); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(work, "large"), string(large))
	sh(t, work, "add", "-A")
	sh(t, work, "commit", "--quiet", "-m", "skiff")
	rev := sh(t, work, "rev-parse", "HEAD")

	program := filepath.Join(t.TempDir(), "git")
	write(t, program, fmt.Sprintf("#!/bin/sh\ntest -e '%s' && ulimit -f 100\nexec git \"$@\"\n", full))
	if err := os.Chmod(program, 0o755); err != nil {
		t.Fatal(err)
	}
	g := &Git{Program: program, Dir: t.TempDir()}
	m, err := g.Mirror(t.Context(), "skiff", work)
	if err != nil {
		t.Fatal(err)
	}
	write(t, full, "")
	if err := m.Need(t.Context(), rev); err == nil {
		t.Fatal("fetched 300 KiB into 50 KiB; this test tests nothing")
	}
	if left, err := os.ReadDir(filepath.Join(m.dir, "objects", "pack")); err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
	if err := os.Remove(full); err != nil {
		t.Fatal(err)
	}
	if text, err := m.ReadFile(t.Context(), rev, "version.txt"); err != nil || string(text) != "1.0\n" {
		t.Errorf("afterwards version.txt reads %q, %v", text, err)
	}
}

// A git that was killed while it wrote refs leaves locks, which nobody else breaks.
func TestLocksOfAKilledFetchAreSwept(t *testing.T) {
	url, revs := remote(t)
	m := testMirror(t, url)
	if err := m.Need(t.Context(), revs[0]); err != nil {
		t.Fatal(err)
	}
	for _, lock := range []string{"refs/remote/heads/main.lock", "packed-refs.lock", "HEAD.lock"} {
		write(t, filepath.Join(m.dir, lock), "")
	}
	sh(t, url, "update-ref", "refs/heads/main", revs[0])
	if err := m.Fetch(t.Context()); err != nil {
		t.Error(err)
	}
}

// Two products call their repositories main: what one has the other has not, and
// neither prunes the other's branches.
func TestRepositoriesOfOneNameKeepApart(t *testing.T) {
	url, revs := remote(t)
	work := filepath.Join(t.TempDir(), "work")
	sh(t, "", "init", "--quiet", "--initial-branch=trunk", work)
	write(t, filepath.Join(work, "other.txt"), "other\n")
	sh(t, work, "add", "-A")
	sh(t, work, "commit", "--quiet", "-m", "other")
	m := testMirror(t, url)
	other, err := m.git.Mirror(t.Context(), m.Name, work)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(m.Need(t.Context(), revs[0]), other.Fetch(t.Context())); err != nil {
		t.Fatal(err)
	}
	if refs, err := m.run(t.Context(), "for-each-ref", "refs/remote/heads/main"); err != nil || refs == "" {
		t.Errorf("main of the first is %q, %v", refs, err)
	}
	if err := m.Need(t.Context(), sh(t, work, "rev-parse", "HEAD")); err == nil {
		t.Error("the first took a commit of the second for its own")
	}
}

// A repository must not be able to run anything here: its hooks are not ours,
// and the mirror's own are off.
func TestHooksOfAMirrorNeverRun(t *testing.T) {
	url, revs := remote(t)
	m := testMirror(t, url)
	canary := filepath.Join(t.TempDir(), "ran")
	for _, hook := range []string{"pre-push", "reference-transaction", "post-commit"} {
		write(t, filepath.Join(m.dir, "hooks", hook), "#!/bin/sh\ntouch "+canary+"\n")
		if err := os.Chmod(filepath.Join(m.dir, "hooks", hook), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.Tag(t.Context(), job(revs[1]), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(canary); err == nil {
		t.Error("a hook ran")
	}
}

func TestMirrorsBelowARelativeDirectory(t *testing.T) {
	url, revs := remote(t)
	t.Chdir(t.TempDir())
	m, err := (&Git{Dir: "state/git"}).Mirror(t.Context(), "skiff", url)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Tag(t.Context(), job(revs[1]), nil); err != nil {
		t.Error(err)
	}
}

func TestCancelledFetchReportsTheCancellation(t *testing.T) {
	url, revs := remote(t)
	m := testMirror(t, url)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Need(ctx, revs[0]); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want context canceled", err)
	}
}
