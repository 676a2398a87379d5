package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"slipway/testdata/peer"
)

// TestTutorial types what docs/tutorial.md says, block by block, in an empty
// directory, and holds what it says is answered against what is answered.
func TestTutorial(t *testing.T) {
	for _, program := range []string{"git", "gpg", "openssl", "sha256sum", "tar", "xz"} {
		peer.Path(t, program)
	}
	s := newSitting(t)
	for _, step := range readSteps(t, "../../docs/tutorial.md") {
		got := s.typeIn(step.commands)
		if step.answer != "" && !step.matches(got) {
			t.Errorf("docs/tutorial.md: after\n%s\nit says\n%s\nand got\n%s", step.commands, step.answer, got)
		}
	}
}

// step is a block of shell commands and, when the page shows it, their output.
type step struct{ commands, answer string }

// readSteps takes the fenced blocks "sh" and the "text" that follows each.
func readSteps(t *testing.T, page string) []step {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var steps []step
	for _, m := range regexp.MustCompile("(?ms)^```(sh|text)\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		switch {
		case m[1] == "sh":
			steps = append(steps, step{commands: m[2]})
		case len(steps) == 0 || steps[len(steps)-1].answer != "":
			t.Fatalf("%s: this output follows no command:\n%s", page, m[2])
		default:
			steps[len(steps)-1].answer = m[2]
		}
	}
	if len(steps) == 0 {
		t.Fatalf("%s: no commands", page)
	}
	return steps
}

// volatile is what differs from one sitting to the next: times, durations,
// digests, free space, and the reader's own name.
var volatile = regexp.MustCompile(`(?m)\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\dZ|\d\d:\d\d:\d\dZ|\b[0-9a-fA-F]{12,}\b…?|\b\d+(\.\d+)?m?s\b|\d+ [GM]B free|\b\d+ events|\bby [a-z]+$`)

// matches compares but for what is volatile. On the page … stands for any
// text, and a line of nothing else for any lines.
func (s step) matches(got string) bool {
	const any = "\x00"
	want := regexp.QuoteMeta(volatile.ReplaceAllString(s.answer, any))
	want = strings.ReplaceAll("\n"+want, "\n…\n", "\n(?:.*\n)*?")
	want = strings.NewReplacer(any, ".*?", "…", ".*?").Replace(want)
	return regexp.MustCompile(`\A` + want + `\z`).MatchString("\n" + got)
}

// sitting is one person at one shell. Each block is a shell of its own, and
// finds the directory and the variables that the one before it left.
type sitting struct {
	t   *testing.T
	dir string // of what is carried from block to block
	env []string
}

func newSitting(t *testing.T) *sitting {
	dir, err := os.MkdirTemp("", "docs") // short: gpg's sockets have short paths
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The agent that gpg started for the throw-away key.
		_ = exec.Command("gpgconf", "--homedir", filepath.Join(dir, "home/paddle-release/gpg"), "--kill", "all").Run()
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	home := filepath.Join(dir, "home")
	if err := os.Mkdir(home, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"cwd": home + "\n", "env": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return &sitting{t, dir, append(withoutGit(os.Environ()), "TZ=UTC", "LC_ALL=C.UTF-8", "HOME="+home, "CARRIED="+dir,
		"XDG_STATE_HOME="+dir+"/state", "XDG_CACHE_HOME="+dir+"/cache",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@paddle.example",
		"GIT_COMMITTER_NAME=Ann", "GIT_COMMITTER_EMAIL=ann@paddle.example")}
}

// typeIn runs a block and returns all that was printed. The last command may
// end with exit code 5: a run in batch ends so at a gate.
func (s *sitting) typeIn(block string) string {
	s.t.Helper()
	cmd := exec.Command("sh", "-e", "-c", `. "$CARRIED/env"; cd "$(cat "$CARRIED/cwd")"
trap 'pwd >"$CARRIED/cwd"; export -p >"$CARRIED/env"' EXIT
`+block)
	cmd.Env = s.env
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !(errors.As(err, &exit) && exit.ExitCode() == exitHeld) {
		s.t.Fatalf("%v after\n%s\n%s", err, block, out)
	}
	return string(out)
}
