package release

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"slipway/cache"
	"slipway/release/git"
	"slipway/repack"
	"slipway/testdata/peer"
)

// orphanDir names, to the test below when it is run by itself, the product
// whose build it is to be killed in.
const orphanDir = "SLIPWAY_TEST_ORPHAN_DIR"

// The first attempt at a build never ends: it leaves its process group and
// writes into the package for ever. Its engine is killed. The second attempt
// must find nobody in its directory, and nothing of the first in its package.
func TestKilledEngineLeavesNobodyBehind(t *testing.T) {
	if dir := os.Getenv(orphanDir); dir != "" {
		p := &product{t: t, dir: dir, revs: map[string]string{}}
		for _, repo := range []string{"main", "l10n", "partners"} {
			p.revs[repo] = p.git(repo, "rev-parse", "HEAD")
		}
		store, err := cache.Open(filepath.Join(dir, "cache"))
		if err != nil {
			t.Fatal(err)
		}
		p.env = Env{Store: store, Git: &git.Git{Dir: filepath.Join(dir, "state", "git")}, Root: dir, State: filepath.Join(dir, "state")}
		_, err = p.build()
		t.Fatalf("the build ended: %v", err)
	}
	peer.Path(t, "setsid")
	p := newProduct(t)
	said := filepath.Join(p.dir, "said")
	if err := syscall.Mkfifo(said, 0o600); err != nil {
		t.Fatal(err)
	}
	p.write("repos/main/build.sh", fmt.Sprintf(`mkdir -p out/skiff
if mkdir %[1]s/first 2>/dev/null; then
	exec setsid sh -c 'echo $$ >%[1]s/said; at=${HOME%%/home}/source/out/skiff; while :; do mkdir -p $at; echo stale >$at/stale; done' 2>/dev/null
fi
cp app/strings.ini out/skiff
`, p.dir))
	p.commit("main")
	p.write("slipway.yaml", strings.Replace(testConfig,
		"steps: [[mkdir, out], [cp, -R, app, out/skiff], [cp, version.txt, out/skiff/version.txt]]", "steps: [[sh, build.sh]]", 1))

	engine := exec.Command(os.Args[0], "-test.run=^TestKilledEngineLeavesNobodyBehind$")
	engine.Env = append(os.Environ(), orphanDir+"="+p.dir)
	in, err := os.OpenFile(said, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := engine.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = engine.Wait()                      // it is killed below
		fmt.Fprintln(in, "the engine is gone") // and not earlier: nobody would wait for a build then
		close(ended)
	}()
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if worksIn(pid, "/nowhere", p.dir) { // this test has failed
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	})
	if err := engine.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-ended
	if !worksIn(pid, "/nowhere", p.dir) {
		t.Fatalf("process %d died with its engine; this test tests nothing", pid)
	}

	res, err := p.build()
	if err != nil {
		t.Fatal(err)
	}
	if worksIn(pid, "/nowhere", p.dir) {
		t.Errorf("process %d still works in %s", pid, p.dir)
	}
	tree, err := repack.Unpack(t.Context(), p.env.Store, cache.Digest(res.Files[0].Digest), repack.TarXz, repack.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if len(tree.Entries) != 1 || tree.Entries[0].Path != "skiff/strings.ini" {
		t.Errorf("the package holds %v, want skiff/strings.ini alone", tree.Entries)
	}
}

// A process that works elsewhere is left alone, even beside the directory.
func TestOnlyOrphansAreKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, d := range []string{"scratch", "scratch2"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	other := exec.Command("cat")
	other.Dir = filepath.Join(dir, "scratch2")
	in, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if err := endOrphans(t.Context(), filepath.Join(dir, "scratch")); err != nil {
		t.Error(err)
	}
	in.Close()
	if err := other.Wait(); err != nil {
		t.Errorf("the process beside it: %v", err)
	}
}

// What a step leaves running ends with the build, also where it has left the
// step's process group, and holds the log open as build servers do: it would
// write into the package while it is packed.
func TestBuildEndsWhatItStarted(t *testing.T) {
	t.Parallel()
	peer.Path(t, "setsid")
	p := newProduct(t)
	said := filepath.Join(p.dir, "said")
	p.write("repos/main/build.sh", fmt.Sprintf(`mkdir -p out/skiff
cp app/strings.ini out/skiff
setsid sh -c 'echo $$ >%[1]s.new; mv %[1]s.new %[1]s; cat %[2]s' </dev/null &
while ! test -e %[1]s; do :; done
`, said, filepath.Join(p.dir, "never")))
	if err := syscall.Mkfifo(filepath.Join(p.dir, "never"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.commit("main")
	p.write("slipway.yaml", strings.Replace(testConfig,
		"steps: [[mkdir, out], [cp, -R, app, out/skiff], [cp, version.txt, out/skiff/version.txt]]", "steps: [[sh, build.sh]]", 1))
	if _, err := p.build(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(said)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if worksIn(pid, "/nowhere", p.dir) {
		t.Errorf("process %d still runs", pid)
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}
