package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"slipway/testdata/peer"
)

// A terminal in a terminal: the console starts, follows two sizes, and is left,
// inside a tmux inside tmux, and inside GNU screen, which has no OSC 52, no
// wrapped notices and no background colour of its own.
func checkNested(t *testing.T, dir string) {
	for _, inner := range []string{"tmux", "screen"} {
		t.Run(inner, func(t *testing.T) {
			peer.Path(t, inner)
			x := openTerminal(t, dir, 120, 36)
			x.shell(x.within(inner) + " slipway " + onTheRun)
			for _, size := range [][2]int{{120, 36}, {80, 24}} {
				x.tmux("resize-window", "-t", "s", "-x", strconv.Itoa(size[0]), "-y", strconv.Itoa(size[1]))
				fresh := openTerminal(t, dir, size[0], size[1])
				fresh.console("A=1", onTheRun)
				x.until("the frame of a plain terminal", func() bool { return noClock(x.screen()) == noClock(fresh.screen()) })
			}
			x.keys("q")
			x.wait("[exited]", "[screen is terminating]")
			x.sane("left " + inner)
		})
	}
}

// within is a command line that runs the rest of it in a terminal of its own,
// which has no line for itself and ends with the test.
func (x *terminal) within(inner string) string {
	x.t.Helper()
	dir, err := os.MkdirTemp("", "inner") // short: sockets have short paths
	if err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() { _ = os.RemoveAll(dir) })
	rc, text, command := filepath.Join(dir, "rc"), "set -g status off\n", []string{"tmux", "-u", "-S", filepath.Join(dir, "socket"), "-f"}
	end := exec.Command("tmux", "-S", filepath.Join(dir, "socket"), "kill-server")
	env := "TMUX= "
	if inner == "screen" {
		text, command = "startup_message off\n", []string{"screen", "-U", "-S", "slipway", "-c"}
		end = exec.Command("screen", "-S", "slipway", "-X", "quit")
		end.Env = append(os.Environ(), "SCREENDIR="+dir)
		env += "SCREENDIR=" + dir + " "
	}
	if err := os.WriteFile(rc, []byte(text), 0o600); err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() { _ = end.Run() }) // it has ended, when all is well
	line := env
	for _, word := range append(command, rc) {
		line += word + " "
	}
	if inner == "tmux" {
		line += "new-session"
	}
	return line
}
