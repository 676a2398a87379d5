package main

import (
	"fmt"
	"math/rand/v2"
	"os"
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
		"01-no-colour": checkNoColour, "04-background": checkBackground, "05-ascii": checkASCII, "06-sizes": checkSizes,
		"07-suspend-and-signals": checkSignals, "07-killed": checkKilled, "09-second-client": checkReadOnly, "10-title": checkTitle,
		"11-copy": checkCopy, "13-mouse": checkMouse, "20-hostile-log": checkHostile, "21-idle": checkIdle, "22-nested": checkNested,
	} {
		t.Run(name, func(t *testing.T) { row(t, dir) })
	}
}

const (
	here     = "--state .state --cache .cache"
	onTheRun = "console skiff-1.0-build1 " + here
)

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

// What must be typed cannot be pasted.
func TestConsoleTakesNoPaste(t *testing.T) {
	dir := newMiniature(t)
	begin(t, dir)
	x := openTerminal(t, dir, 120, 36)
	x.console("A=1", onTheRun)
	x.keys("Z")
	x.wait("ALL STOP")
	x.until("a dialog that listens", func() bool { x.keys("."); return strings.Contains(x.screen(), "[ .") })
	x.keys("Tab")
	x.tmux("set-buffer", "1.0")
	x.tmux("paste-buffer", "-p", "-t", "s")
	x.wait("this cannot be pasted: type it")
	x.keys("Enter")
	x.wait(`typed "", want "1.0"`)
	x.escape("ALL STOP")
	x.leave()
	if out := slipwayIn(t, dir, exitDone, "ls"); !strings.Contains(out, " held ") {
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

// Without a terminal, or on a dumb one, no verb sends an escape.
func TestNoEscapesWithoutATerminal(t *testing.T) {
	dir := newMiniature(t)
	ship(t, dir)
	for _, args := range [][]string{{"ls"}, {"status", "skiff-1.0-build1"}, {"history", "skiff-1.0-build1"}, {"task", "ls", "skiff-1.0-build1"}} {
		if out := slipwayIn(t, dir, exitDone, args...); strings.Contains(out, "\x1b") {
			t.Errorf("%v: %q", args, out)
		}
	}
	x := openTerminal(t, dir, 120, 36)
	raw := filepath.Join(t.TempDir(), "raw")
	x.shell("TERM=dumb slipway " + here + " ls > " + raw + "; TERM=dumb slipway " + here + " console; echo code $?")
	x.wait("code 2")
	if text, err := os.ReadFile(raw); err != nil || strings.Contains(string(text), "\x1b") {
		t.Errorf("%v %q", err, text)
	}
}
