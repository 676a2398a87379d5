package git

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"slipway/cache"
)

// remote makes a bare repository with two commits and returns its path and
// their ids, oldest first.
func remote(t testing.TB) (path string, revs [2]string) {
	t.Helper()
	work, bare := filepath.Join(t.TempDir(), "work"), filepath.Join(t.TempDir(), "remote.git")
	sh(t, "", "init", "--quiet", "--initial-branch=main", work)
	for i, version := range []string{"1.0", "1.1"} {
		write(t, filepath.Join(work, "version.txt"), version+"\n")
		write(t, filepath.Join(work, "src", "a b.txt"), "tide\n")
		if err := os.Chmod(filepath.Join(work, "version.txt"), 0o755-os.FileMode(i)*0o111); err != nil {
			t.Fatal(err)
		}
		sh(t, work, "add", "-A")
		sh(t, work, "commit", "--quiet", "-m", "skiff "+version)
		revs[i] = sh(t, work, "rev-parse", "HEAD")
	}
	sh(t, "", "clone", "--quiet", "--bare", work, bare)
	return bare, revs
}

func sh(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), testPerson.environment(testTime)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

var (
	testPerson = Person{Name: "Skiff Release", Email: "release@example.org"}
	testTime   = time.Date(2026, 3, 1, 10, 15, 0, 0, time.UTC)
)

func testMirror(t *testing.T, url string) *Mirror {
	t.Helper()
	g := &Git{Dir: t.TempDir()}
	m, err := g.Mirror(t.Context(), "skiff", url)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func job(rev string) TagJob {
	return TagJob{
		Revision: rev, Branch: "SKIFF11_2026030110_RELBRANCH", Message: "Skiff 1.1 build 1",
		Changes: []Change{{Path: "version.txt", Content: "1.1.1\n"}},
		Tags:    []string{"SKIFF_1_1_BUILD1", "SKIFF_1_1_RELEASE"}, By: testPerson, When: testTime,
	}
}

func TestTagPushesABumpAndAnnotatedTags(t *testing.T) {
	url, revs := remote(t)
	done, err := testMirror(t, url).Tag(t.Context(), job(revs[1]), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := sh(t, url, "rev-parse", "SKIFF_1_1_BUILD1^{commit}"); got != done.Revision || got == revs[1] {
		t.Errorf("tag marks %s, report says %s, revision was %s", got, done.Revision, revs[1])
	}
	if got := sh(t, url, "show", "SKIFF_1_1_RELEASE:version.txt"); got != "1.1.1" {
		t.Errorf("version.txt at the tag = %q, want 1.1.1", got)
	}
	if got := sh(t, url, "ls-tree", "--format=%(objectmode)", "SKIFF_1_1_RELEASE", "version.txt"); got != "100644" {
		t.Errorf("mode of version.txt = %s, want it kept", got)
	}
	if got := sh(t, url, "cat-file", "-t", "SKIFF_1_1_BUILD1"); got != "tag" {
		t.Errorf("BUILD1 is a %s, want an annotated tag", got)
	}
	if got := sh(t, url, "rev-parse", "SKIFF11_2026030110_RELBRANCH~1"); got != revs[1] {
		t.Errorf("the branch grows from %s, want %s", got, revs[1])
	}
}

func TestTagTwiceMovesNothingAndMirrorsAgree(t *testing.T) {
	url, revs := remote(t)
	first, err := testMirror(t, url).Tag(t.Context(), job(revs[1]), nil)
	if err != nil {
		t.Fatal(err)
	}
	before := sh(t, url, "show-ref")
	m := testMirror(t, url) // another machine
	again, err := m.Tag(t.Context(), job(revs[1]), nil)
	if err != nil {
		t.Fatal(err)
	}
	if after := sh(t, url, "show-ref"); after != before {
		t.Errorf("refs moved:\n%s\n---\n%s", before, after)
	}
	if again.Revision != first.Revision || again.Tags["SKIFF_1_1_BUILD1"] != first.Tags["SKIFF_1_1_BUILD1"] {
		t.Errorf("second run reports %+v, first %+v", again, first)
	}
	if _, there, err := m.Probe(t.Context(), job(revs[1])); err != nil || !there {
		t.Errorf("Probe = %v, %v; want true", there, err)
	}
}

func TestTagRefusesWhatItDoesNotOwn(t *testing.T) {
	for _, c := range []struct {
		name, want string
		spoil      func(t *testing.T, url string, revs [2]string)
	}{
		{"a tag on another commit", "marks another commit", func(t *testing.T, url string, revs [2]string) {
			sh(t, url, "tag", "-a", "-m", "early", "SKIFF_1_1_BUILD1", revs[0])
		}},
		{"a lightweight tag", "lightweight", func(t *testing.T, url string, revs [2]string) {
			sh(t, url, "tag", "SKIFF_1_1_BUILD1", revs[1])
		}},
		{"a renamed tag", "calls itself \"OTHER\"", func(t *testing.T, url string, revs [2]string) {
			sh(t, url, "tag", "-a", "-m", "x", "OTHER", revs[1])
			sh(t, url, "update-ref", "refs/tags/SKIFF_1_1_BUILD1", sh(t, url, "rev-parse", "refs/tags/OTHER"))
		}},
		{"a tag of a tag", "marks a tag", func(t *testing.T, url string, revs [2]string) {
			sh(t, url, "tag", "-a", "-m", "x", "INNER", revs[1])
			sh(t, url, "tag", "-a", "-m", "x", "SKIFF_1_1_BUILD1", "INNER")
		}},
		{"a branch of the same name", "somebody else's", func(t *testing.T, url string, revs [2]string) {
			sh(t, url, "branch", "SKIFF11_2026030110_RELBRANCH", revs[0])
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, revs := remote(t)
			c.spoil(t, url, revs)
			before := sh(t, url, "show-ref")
			_, err := testMirror(t, url).Tag(t.Context(), job(revs[1]), nil)
			var conflict *Conflict
			if !errors.As(err, &conflict) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error = %v, want a conflict with %q", err, c.want)
			}
			if len(conflict.Have) != 40 || len(conflict.Want) != 40 {
				t.Errorf("conflict shows %q and %q, want both ids", conflict.Have, conflict.Want)
			}
			if after := sh(t, url, "show-ref"); after != before {
				t.Errorf("refs changed:\n%s", after)
			}
		})
	}
}

func TestRespinMovesReleaseTagOnlyFromWhereThePlanSaw(t *testing.T) {
	url, revs := remote(t)
	m := testMirror(t, url)
	first := job(revs[0])
	first.Branch, first.Changes = "", nil
	if _, err := m.Tag(t.Context(), first, nil); err != nil {
		t.Fatal(err)
	}
	second := job(revs[1])
	second.Branch, second.Changes, second.Tags = "", nil, []string{"SKIFF_1_1_BUILD2", "SKIFF_1_1_RELEASE"}
	if _, err := m.Tag(t.Context(), second, nil); err == nil {
		t.Fatal("the release tag moved though the plan did not say so")
	}
	second.Leave = map[string]string{"SKIFF_1_1_RELEASE": revs[0]}
	if _, err := m.Tag(t.Context(), second, nil); err != nil {
		t.Fatal(err)
	}
	if got := sh(t, url, "rev-parse", "SKIFF_1_1_RELEASE^{commit}"); got != revs[1] {
		t.Errorf("release tag marks %s, want %s", got, revs[1])
	}
}

func TestHostileNamesStartNoChild(t *testing.T) {
	g := &Git{Program: filepath.Join(t.TempDir(), "absent"), Dir: t.TempDir()}
	for _, url := range []string{
		"", "-x", "--upload-pack=touch x", "ext::sh -c x", "file:///etc", "git://host/x", "http://host/x",
		"fd::3", "https://-oProxyCommand=x/", "a\nb", "a\u0085b", strings.Repeat("a", 5000),
	} {
		if _, err := g.Mirror(t.Context(), "skiff", url); err == nil || strings.Contains(err.Error(), "absent") {
			t.Errorf("url %.20q: error %v, want a refusal before git starts", url, err)
		}
	}
	for _, ref := range []string{
		"", "-evil", "a..b", "a b", "a\nb", "refs/../../e", "@", "a@{1}", "x.lock", "a//b", "/a", "a/", ".a",
		"a/.b", "a/-b", "tag*", "a~1", "a^", "a:b", "a\\b", "a?", "a[b", "кот", strings.Repeat("a", 300),
	} {
		if CheckRef(ref) == nil {
			t.Errorf("ref %.20q was accepted", ref)
		}
	}
	for _, rev := range []string{"", "HEAD", "main", "latest", "abc123", strings.Repeat("A", 40), strings.Repeat("a", 41)} {
		if CheckRevision(rev) == nil {
			t.Errorf("revision %q was accepted", rev)
		}
	}
	for _, p := range []string{"", "/a", "../a", "a/../b", "a//b", ".git/config", "a/.GIT/x", "a\x00b"} {
		if CheckPath(p) == nil {
			t.Errorf("path %q was accepted", p)
		}
	}
	for _, ok := range []error{CheckRef("FIREFOX_10_0_BUILD1"), CheckRef("releases/v1.2+x"), CheckURL("https://h/x"), CheckURL("git@h:x"), CheckURL("../skiff"), CheckPath("a/b c")} {
		if ok != nil {
			t.Error(ok)
		}
	}
}

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

// A server may talk without end: only the end is kept, where the cause stands.
func TestTalkIsBounded(t *testing.T) {
	t.Parallel()
	var said end
	for range 1000 {
		if _, err := said.Write([]byte(strings.Repeat("remote: words\n", 100))); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = said.Write([]byte("fatal: the cause"))
	if len(said) != maxSaid || cap(said) > 10*maxSaid || !strings.HasSuffix(string(said), "\nfatal: the cause") {
		t.Errorf("%d bytes kept in %d, ending in %q", len(said), cap(said), said[len(said)-20:])
	}
}
