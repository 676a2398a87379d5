package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// record keeps what programs send to the terminal from now on, byte by byte.
func (x *terminal) record() func() string {
	x.t.Helper()
	path := filepath.Join(x.t.TempDir(), "raw")
	x.tmux("pipe-pane", "-t", "s:0") // the end of an earlier one
	x.tmux("pipe-pane", "-t", "s:0", "cat > "+path)
	text := func() (string, error) { b, err := os.ReadFile(path); return string(b), err }
	x.waitFor("the recorder", func() bool { _, err := text(); return err == nil })
	return func() string {
		x.t.Helper()
		s, err := text()
		if err != nil {
			x.t.Fatal(err)
		}
		return s
	}
}

func checkTitle(t *testing.T, dir string) {
	x := openTerminal(t, dir, 120, 36)
	x.console("A=1", onTheRun)
	x.until("the title", func() bool { return strings.HasSuffix(x.format("#{pane_title}"), "1.0b1 100%") })
	x.leave()
}

// Copying tells the truth: tmux must be told to pass it on, and drops it
// otherwise.
func checkCopy(t *testing.T, dir string) {
	x := openTerminal(t, dir, 120, 36)
	const want = "slipway status skiff-1.0-build1 " + here
	buffer := func() string {
		out, err := exec.Command("tmux", "-S", x.socket, "show-buffer").Output()
		if err != nil {
			return ""
		}
		return string(out)
	}
	raw := x.record()
	x.console("A=1", onTheRun)
	x.keys("y")
	x.wait("sent to tmux")
	if s := x.screen(); !strings.Contains(s, "it must have: set -s set-clipboard on") || !strings.Contains(raw(), "\x1b]52;c;") {
		t.Errorf("sent %q and said\n%s", raw(), s)
	}
	if got := buffer(); got != "" {
		t.Errorf("this tmux passes on what is copied (%q): the note could say so", got)
	}
	x.tmux("set", "-s", "set-clipboard", "on")
	x.keys("y")
	x.until("the buffer", func() bool { return buffer() == want })
	x.leave()
}

// A gate that opens rings in a window nobody looks at, once. The notice beside
// the bell is wrapped for tmux, bare on a terminal, and none for GNU screen,
// which would print it.
func TestConsoleNotices(t *testing.T) {
	dir := newMiniature(t)
	begin(t, dir)
	const notice = "\x1b]9;skiff-1.0-build1 waits at qa-builds"
	open := func(env string) (*terminal, func() string) {
		x := openTerminal(t, dir, 120, 36)
		raw := x.record()
		x.console(env, onTheRun)
		x.tmux("new-window", "-t", "s:")
		if flag := x.bell(); flag != "0" {
			t.Errorf("%s: rang when it was opened", env)
		}
		return x, raw
	}
	inTmux, wrapped := open("A=1")
	outside, bare := open("TMUX=")
	inScreen, none := open("STY=1.slipway")
	slipwayIn(t, dir, exitDone, "approve", "skiff-1.0-build1", "go-to-build", "--as", "coordinator", "--reason", "test")
	slipwayIn(t, dir, exitHeld, "run", "skiff-1.0-build1", "--no-wait")
	for _, x := range []*terminal{inTmux, outside, inScreen} {
		x.waitFor("the bell", func() bool { return x.bell() == "1" })
	}
	for how, sent := range map[string]struct {
		raw  func() string
		want string
	}{
		"tmux":     {wrapped, "\x07\x1bPtmux;\x1b" + notice},
		"terminal": {bare, "\x07" + notice},
	} {
		// The recorder may be behind the bell.
		inTmux.waitFor("bell, notice and progress: "+how, func() bool {
			return strings.Contains(sent.raw(), sent.want) && strings.Contains(sent.raw(), "\x1b]9;4;1;")
		})
		if s := sent.raw(); strings.Count(s, notice) != 1 {
			t.Errorf("%s: not one notice in %q", how, s)
		}
	}
	if s := none(); strings.Contains(s, "waits at qa-builds\x07") || strings.Contains(s, "\x1bP") {
		t.Errorf("GNU screen was sent %q", s)
	}
}

// bell is "1" when the first window has rung unseen.
func (x *terminal) bell() string {
	x.t.Helper()
	return strings.TrimSpace(x.tmux("list-windows", "-t", "s", "-f", "#{==:#{window_index},0}", "-F", "#{window_bell_flag}"))
}

// No mouse unless asked: a terminal that reports it selects no text.
func checkMouse(t *testing.T, dir string) {
	x := openTerminal(t, dir, 120, 36)
	raw := x.record()
	x.console("A=1", onTheRun)
	for _, mode := range []string{"\x1b[?1000h", "\x1b[?1002h", "\x1b[?1003h"} {
		if strings.Contains(raw(), mode) {
			t.Errorf("%q was sent unasked", mode)
		}
	}
	x.keys("m")
	x.until("the mouse", func() bool { return strings.Contains(raw(), "\x1b[?1002h") })
	x.leave()
}

// At rest nothing is sent: ten looks at the journal cost no byte but for the
// minute's clock.
func checkIdle(t *testing.T, dir string) {
	x := openTerminal(t, dir, 120, 36)
	x.console("A=1", onTheRun)
	raw := x.record()
	x.shellWait("3")
	if n := len(raw()); n > 512 {
		t.Errorf("%d bytes in three seconds of rest", n)
	}
}
