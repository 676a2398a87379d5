package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The rows of the terminal checklist in docs/console.md that a machine can
// judge, on a release that was shipped.
func TestConsoleOnTerminals(t *testing.T) {
	dir := newMiniature(t)
	ship(t, dir)
	for name, row := range map[string]func(*testing.T, string){
		"01-no-colour": checkNoColour, "04-sixteen-colours": checkSixteen, "05-ascii": checkASCII, "06-sizes": checkSizes,
		"07-suspend-and-signals": checkSignals, "07-killed": checkKilled, "09-second-client": checkReadOnly, "10-title": checkTitle,
		"11-copy": checkCopy, "12-notices-and-13-mouse": checkRawBytes, "19-paste": checkPaste, "20-hostile-log": checkHostile, "21-idle": checkIdle,
	} {
		t.Run(name, func(t *testing.T) { row(t, dir) })
	}
}

const (
	here     = "--state .state --cache .cache"
	onTheRun = "console skiff-1.0-build1 " + here
)

// colours are SGR parameters that set one; bold and reverse are none.
var colours = regexp.MustCompile(`\x1b\[[0-9;]*(3[0-8]|4[0-8]|9[0-7]|10[0-7])`)

func checkNoColour(t *testing.T, dir string) {
	x := openTerminal(t, dir, 120, 36)
	for _, way := range [][2]string{{"NO_COLOR=1", onTheRun}, {"A=1", onTheRun + " --color=never"}, {"CLICOLOR=0", onTheRun}} {
		x.console(way[0], way[1])
		if raw := x.tmux("capture-pane", "-e", "-p", "-t", "s"); colours.MatchString(raw) {
			t.Errorf("%v: colours in\n%q", way, raw)
		}
		if s := x.screen(); !strings.Contains(s, "✓ 1/1") || !strings.Contains(s, "DONE") {
			t.Errorf("%v: state is not told by sign and word:\n%s", way, s)
		}
		x.leave()
	}
}

func checkSixteen(t *testing.T, dir string) {
	x := openTerminal(t, dir, 120, 36)
	x.console("TERM=xterm-16color COLORTERM= TMUX=", onTheRun) // tmux itself has 256
	raw := x.tmux("capture-pane", "-e", "-p", "-t", "s")
	if !colours.MatchString(raw) || strings.Contains(raw, "38;5") || strings.Contains(raw, "38;2") {
		t.Errorf("want some of the 16 colours and no others:\n%q", raw)
	}
	x.leave()
}

func checkASCII(t *testing.T, dir string) {
	x := openTerminal(t, dir, 120, 36)
	for _, way := range [][2]string{{"A=1", onTheRun + " --ascii"}, {"LC_ALL=C", onTheRun}} {
		x.console(way[0], way[1])
		for _, key := range []string{"u", "s", "H", "t", "?"} {
			if i := strings.IndexFunc(x.screen(), func(r rune) bool { return r > 0x7e }); i >= 0 {
				t.Errorf("%v: %q before key %s", way, x.screen()[i:i+8], key)
			}
			x.keys(key)
		}
		x.wait("any key", "Any key")
		x.escape("Any key closes")
		x.leave()
	}
}

// Twenty sizes, one after the other, leave the frame that a fresh start gives.
func checkSizes(t *testing.T, dir string) {
	x := openTerminal(t, dir, 120, 36)
	x.console("A=1", onTheRun)
	rng := rand.New(rand.NewPCG(6, 6))
	resize := func(w, h int) { x.tmux("resize-window", "-t", "s", "-x", strconv.Itoa(w), "-y", strconv.Itoa(h)) }
	for range 20 {
		resize(20+rng.IntN(180), 5+rng.IntN(55))
	}
	for _, size := range [][2]int{{120, 36}, {80, 24}, {60, 20}, {40, 12}} {
		resize(size[0], size[1])
		fresh := openTerminal(t, dir, size[0], size[1])
		fresh.console("A=1", onTheRun)
		x.until(fmt.Sprintf("the frame of %dx%d", size[0], size[1]), func() bool { return noClock(x.screen()) == noClock(fresh.screen()) })
	}
	resize(20, 5)
	x.wait("DONE 1.0 b1 100%")
}

var headerClock = regexp.MustCompile(`[0-9]{2}:[0-9]{2}Z`)

func noClock(s string) string { return headerClock.ReplaceAllString(s, "--:--Z") }

// A second client sees the same; one that may only look acts on nothing.
func checkReadOnly(t *testing.T, dir string) {
	x, y := openTerminal(t, dir, 120, 36), openTerminal(t, dir, 120, 36)
	x.console("A=1", onTheRun)
	y.console("A=1", onTheRun+" --read-only")
	if a, b := noClock(x.screen()), strings.Replace(noClock(y.screen()), "read-only   ", "", 1); strings.Join(strings.Fields(a), " ") != strings.Join(strings.Fields(b), " ") {
		t.Errorf("two clients see\n%s\nand\n%s", a, b)
	}
	y.keys("R")
	y.wait("read-only: retry was not sent")
}

func checkTitle(t *testing.T, dir string) {
	x := openTerminal(t, dir, 120, 36)
	x.console("A=1", onTheRun)
	x.until("the title", func() bool { return strings.HasSuffix(x.format("#{pane_title}"), "1.0b1 100%") })
	x.leave()
}

// Copying tells the truth: tmux must be told to pass it on.
func checkCopy(t *testing.T, dir string) {
	x := openTerminal(t, dir, 120, 36)
	x.tmux("set", "-s", "set-clipboard", "on")
	x.console("A=1", onTheRun)
	x.keys("y")
	x.wait("set-clipboard on")
	x.until("the buffer", func() bool {
		out, err := exec.Command("tmux", "-L", x.socket, "show-buffer").Output()
		return err == nil && string(out) == "slipway status skiff-1.0-build1 "+here
	})
}

// The bytes themselves: no mouse unless asked, no notification that is not
// wrapped for tmux.
func checkRawBytes(t *testing.T, dir string) {
	x := openTerminal(t, dir, 120, 36)
	raw := filepath.Join(t.TempDir(), "raw")
	x.tmux("pipe-pane", "-t", "s", "-o", "cat > "+raw)
	bytes := func() string {
		text, err := os.ReadFile(raw)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	x.console("A=1", onTheRun)
	for _, mode := range []string{"\x1b[?1000h", "\x1b[?1002h", "\x1b[?1003h", "\x1b]9;skiff"} {
		if strings.Contains(bytes(), mode) {
			t.Errorf("%q was sent unasked", mode)
		}
	}
	x.keys("m")
	x.until("the mouse", func() bool { return strings.Contains(bytes(), "\x1b[?1002h") })
	x.leave()
}

// What must be typed cannot be pasted.
func checkPaste(t *testing.T, dir string) {
	rev, err := exec.Command("git", "-C", filepath.Join(dir, "repo"), "rev-parse", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	slipwayIn(t, dir, exitDone, "plan", "1.1", "--build", "1", "--rev", strings.TrimSpace(string(rev)))
	slipwayIn(t, dir, exitHeld, "run", "plans/skiff-1.1-build1.json", "--no-wait")
	x := openTerminal(t, dir, 120, 36)
	x.console("A=1", strings.Replace(onTheRun, "1.0", "1.1", 1))
	x.keys("Z")
	x.wait("ALL STOP")
	x.until("a dialog that listens", func() bool { x.keys("."); return strings.Contains(x.screen(), "[ .") })
	x.keys("Tab")
	x.tmux("set-buffer", "1.1")
	x.tmux("paste-buffer", "-p", "-t", "s")
	x.wait("this cannot be pasted: type it")
	x.keys("Enter")
	x.wait(`typed "", want "1.1"`)
	x.escape("ALL STOP")
	x.leave()
	if out := slipwayIn(t, dir, exitDone, "ls"); strings.Contains(out, "stopped") {
		t.Errorf("a pasted version stopped the release:\n%s", out)
	}
}

// What a build prints is shown, and acts on nothing.
func checkHostile(t *testing.T, dir string) {
	path := filepath.Join(dir, strings.TrimSpace(slipwayIn(t, dir, exitDone, "task", "log", "skiff-1.0-build1", "build/linux64", "--path")))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	text := "\x1b]0;owned\x07\x1b[2J\x1b[31m日本語 العربية \u202eevil\r\n" + strings.Repeat("wide 日本 ", 60) + "\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	x := openTerminal(t, dir, 120, 36)
	x.console("A=1", onTheRun)
	x.keys("t", "/")
	x.keys("build/linux64")
	x.keys("Enter", "Enter")
	x.wait(`\x1b]0;owned`)
	if title := x.format("#{pane_title}"); strings.Contains(title, "owned") {
		t.Errorf("the log set the title to %q", title)
	}
	if s := x.screen(); !strings.Contains(s, "日本語") || !strings.Contains(s, "q detach") {
		t.Errorf("the frame is torn:\n%s", s)
	}
	x.leave()
}

// At rest nothing is sent: ten looks at the journal cost no byte but for the
// minute's clock.
func checkIdle(t *testing.T, dir string) {
	x := openTerminal(t, dir, 120, 36)
	x.console("A=1", onTheRun)
	raw := filepath.Join(t.TempDir(), "raw")
	x.tmux("pipe-pane", "-t", "s", "-o", "cat > "+raw)
	x.shellWait("3")
	info, err := os.Stat(raw)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 512 {
		t.Errorf("%d bytes in three seconds of rest", info.Size())
	}
}

// Without a terminal, or on a dumb one, no verb sends an escape.
func TestNoEscapesWithoutATerminal(t *testing.T) {
	dir := newMiniature(t)
	ship(t, dir)
	for _, args := range [][]string{{"ls"}, {"status", "skiff-1.0-build1"}, {"history", "skiff-1.0-build1"}, {"task", "ls", "skiff-1.0-build1"}} {
		if out := slipwayIn(t, dir, exitDone, args...); strings.Contains(out, "\x1b") {
			t.Errorf("%v: %q", args, out)
		}
	}
	if _, err := exec.LookPath("tmux"); err != nil {
		return // openTerminal tells about tmux elsewhere
	}
	x := openTerminal(t, dir, 120, 36)
	raw := filepath.Join(t.TempDir(), "raw")
	x.shell("TERM=dumb slipway " + here + " ls > " + raw + "; TERM=dumb slipway " + here + " console; echo code $?")
	x.wait("code 2")
	if text, err := os.ReadFile(raw); err != nil || strings.Contains(string(text), "\x1b") {
		t.Errorf("%v %q", err, text)
	}
}
