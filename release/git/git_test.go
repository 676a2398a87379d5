package git

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
	for _, url := range []string{
		"https://canary@host/x", "https://user:canary@host/x", "ssh://git:canary@host/x", "http://canary@host/x",
		"https://canary@host?x", "https://a@canary@host/x", "https://canary@host",
	} {
		if _, err := g.Mirror(t.Context(), "skiff", url); err == nil || strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "absent") {
			t.Errorf("url %s: error %v, want a refusal that keeps the secret", url, err)
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
	for _, ok := range []error{CheckRef("FIREFOX_10_0_BUILD1"), CheckRef("releases/v1.2+x"), CheckURL("https://h/x"), CheckURL("git@h:x"), CheckURL("ssh://git@h/x"), CheckURL("https://h:8443/x@y:z"), CheckURL("../skiff"), CheckPath("a/b c")} {
		if ok != nil {
			t.Error(ok)
		}
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
