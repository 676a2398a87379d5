package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/testdata/peer"
)

// patience bounds a wait for a screen; a busy machine needs most of it.
const patience = 2 * time.Minute

// terminal is a tmux server of its own with one window in which the console
// runs. What it shows is what a person would see.
type terminal struct {
	t      *testing.T
	socket string
	dir    string // where the console is started

	patience time.Duration // how long a screen is waited for
}

// openTerminal starts a shell in dir; slipway is in its PATH.
func openTerminal(t *testing.T, dir string, w, h int) *terminal {
	t.Helper()
	peer.Path(t, "tmux")
	sockets, err := os.MkdirTemp("", "tmux") // short: sockets have short paths
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(sockets) })
	x := &terminal{t: t, socket: filepath.Join(sockets, "s"), dir: dir, patience: patience}
	x.tmux("-f", "/dev/null", "new-session", "-d", "-s", "s", "-x", fmt.Sprint(w), "-y", fmt.Sprint(h), "-c", dir, "env PS1='ready> ' sh")
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", x.socket, "kill-server").Run() })
	x.wait("ready>")
	return x
}

func (x *terminal) tmux(args ...string) string {
	x.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-S", x.socket}, args...)...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "TMUX=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		x.t.Fatalf("tmux %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// keys sends named keys, or text.
func (x *terminal) keys(keys ...string) {
	x.t.Helper()
	x.tmux(append([]string{"send-keys", "-t", "s"}, keys...)...)
}

// shell types a command line and runs it.
func (x *terminal) shell(line string) {
	x.t.Helper()
	x.tmux("send-keys", "-t", "s", "-l", line)
	x.keys("Enter")
}

func (x *terminal) screen() string {
	x.t.Helper()
	return x.tmux("capture-pane", "-p", "-t", "s")
}

// format asks tmux about the window: #{alternate_on} and the like.
func (x *terminal) format(f string) string {
	x.t.Helper()
	return strings.TrimSpace(x.tmux("display-message", "-p", "-t", "s", f))
}

// wait polls the screen until it shows one of the texts, and returns that one.
func (x *terminal) wait(texts ...string) string {
	x.t.Helper()
	found := ""
	x.until("the screen to show "+strings.Join(texts, " or "), func() bool {
		screen := x.screen()
		for _, text := range texts {
			if strings.Contains(screen, text) {
				found = text
				return true
			}
		}
		return false
	})
	return found
}

func (x *terminal) until(what string, ok func() bool) {
	x.t.Helper()
	if !x.poll(ok) {
		x.t.Fatalf("waited %v for %s; the screen:\n%s", x.patience, what, x.screen())
	}
}

// waitFor is until for what no screen shows.
func (x *terminal) waitFor(what string, ok func() bool) {
	x.t.Helper()
	if !x.poll(ok) {
		x.t.Fatalf("waited %v for %s", x.patience, what)
	}
}

func (x *terminal) poll(ok func() bool) bool {
	for end := time.Now().Add(x.patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if ok() {
			return true
		}
	}
	return false
}

// console starts slipway with an environment and flags, and waits for a frame.
func (x *terminal) console(env string, flags ...string) {
	x.t.Helper()
	x.shell("env " + env + " slipway " + strings.Join(flags, " "))
	x.until("a frame", func() bool {
		s := x.screen()
		return strings.Contains(s, "q detach") && !strings.Contains(s, "reading the journal")
	})
}

// leave detaches the console and waits for the shell.
func (x *terminal) leave() {
	x.t.Helper()
	x.keys("q")
	x.until("the shell", func() bool { return x.format("#{alternate_on}") == "0" })
	x.shell("clear")
	x.until("a clear screen", func() bool { return strings.TrimSpace(x.screen()) == "ready>" })
}

// escape closes what shows text. The next key must not follow at once: a
// terminal sends Alt as an escape before the key.
func (x *terminal) escape(text string) {
	x.t.Helper()
	x.keys("Escape")
	x.until(text+" to go", func() bool { return !strings.Contains(x.screen(), text) })
}

// shellWait lets seconds pass by another program's clock, for what is measured
// over time.
func (x *terminal) shellWait(seconds string) {
	x.t.Helper()
	if err := exec.Command("sleep", seconds).Run(); err != nil {
		x.t.Fatal(err)
	}
}

// miniature is a product that ships in seconds: one platform, made with cp.
const miniature = `product: skiff
repositories:
  main: {url: repo, branch: main}
version-files: [{path: version.txt}]
platforms:
  linux64:
    archive: tar.gz
    root: skiff
    steps: [[mkdir, -p, build/skiff], [cp, version.txt, build/skiff/version.txt]]
    output: build
updates: {make-precomplete: true}
publish: {directory: pub}
gates:
  go-to-build: {coordinator: 1}
  qa-builds: {qa: 1}
  qa-updates: {qa: 1}
  push: {coordinator: 1}
  ship: {coordinator: 1}
`

// newMiniature makes the product with its repository; the same bytes, and so
// the same revisions, wherever it lies.
func newMiniature(t *testing.T) string {
	t.Helper()
	peer.Path(t, "git")
	dir := t.TempDir()
	for name, text := range map[string]string{"slipway.yaml": miniature, "repo/version.txt": "0.9\n"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "-q", "-b", "main", "."}, {"add", "-A"}, {"commit", "-q", "-m", "first"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = filepath.Join(dir, "repo")
		cmd.Env = append(os.Environ(), "GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@b",
			"GIT_AUTHOR_DATE=2026-03-01T10:15:00Z", "GIT_COMMITTER_DATE=2026-03-01T10:15:00Z")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	return dir
}

// slipwayIn runs a verb in a product's directory and wants an exit code.
func slipwayIn(t *testing.T, dir string, code int, args ...string) string {
	t.Helper()
	cmd := exec.Command("slipway", append([]string{"--state", ".state", "--cache", ".cache"}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("slipway %v: code %d (%v), want %d\n%s", args, got, err, code, out)
	}
	return string(out)
}
