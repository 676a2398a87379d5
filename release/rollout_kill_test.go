package release

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const rollingChild = "SLIPWAY_TEST_ROLLING"

// TestRollingChild makes the steps of a rollout in a process that gets killed.
func TestRollingChild(t *testing.T) {
	dir, shares, ok := strings.Cut(os.Getenv(rollingChild), "|")
	if !ok {
		return // is called by the test below
	}
	r := openRolling(t, dir)
	for _, text := range strings.Split(shares, ",") {
		share, err := strconv.Atoi(text)
		r.must(err)
		r.must(r.step(share))
	}
}

// A step that is killed at any instant is made again to the same files, and
// until then nobody in a share lacks an answer.
func TestKilledRolloutSteps(t *testing.T) {
	t.Parallel()
	calm := newRolling(t)
	calm.must(calm.step(25))
	quarter := everyFile(t, calm.root)
	calm.must(calm.step(50))
	half := everyFile(t, calm.root)
	calm.must(calm.step(100))
	all := everyFile(t, calm.root)

	dir := t.TempDir()
	for round := range 12 {
		shares, want := "25", quarter
		switch {
		case round >= 8:
			shares, want = "100", all
		case round >= 4:
			shares, want = "50", half
		}
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRollingChild$")
		cmd.Env = append(os.Environ(), rollingChild+"="+dir+"|"+shares)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		waitFor(t, ended, dir, round)
		_ = cmd.Process.Kill() // it may be done
		<-ended
		inFlight(t, dir)
		if round%4 == 3 {
			r := openRolling(t, dir)
			share, err := strconv.Atoi(shares)
			r.must(err)
			r.must(r.step(share))
			if got := everyFile(t, dir); got != want {
				t.Fatalf("killed and made again, step %s left\n%s\nwant\n%s", shares, got, want)
			}
		}
	}
}

// waitFor lets a child come as far as the round says: some buckets further, or
// some moments.
func waitFor(t *testing.T, ended chan error, dir string, round int) {
	t.Helper()
	r := &rolling{t: t, root: dir}
	have := len(r.open())
	for len(r.open()) < have+1+round%4*3 {
		if _, err := os.Stat(r.dir()); have > 0 && err != nil {
			return // it is being taken away
		}
		select {
		case err := <-ended:
			ended <- err
			return
		case <-time.After(time.Millisecond):
		}
	}
}

// inFlight: buckets are open only when the answers are there.
func inFlight(t *testing.T, dir string) {
	t.Helper()
	r := &rolling{t: t, root: dir}
	answer := filepath.Join(r.dir(), "answers", filepath.FromSlash(rollingClass), "update.xml")
	if _, err := os.Stat(answer); len(r.open()) > 0 && err != nil {
		t.Errorf("%d buckets are open: %v", len(r.open()), err)
	}
}

// everyFile lists every file below the publish directory with its bytes.
func everyFile(t *testing.T, dir string) string {
	t.Helper()
	var b bytes.Buffer
	pub := os.DirFS(filepath.Join(dir, "pub"))
	err := fs.WalkDir(pub, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(pub, name)
		b.WriteString(name + ": " + string(text) + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
