package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The engine that a console started outlives it: the terminal is killed as
// hard as can be, and the release still answers.
func TestConsoleSurvivedByEngine(t *testing.T) {
	dir := newMiniature(t)
	x := openTerminal(t, dir, 120, 36)
	const name = "skiff-1.0-build1"
	begin(t, dir)
	x.console("A=1", onTheRun)
	x.keys("A")
	x.wait("Type the version")
	x.until("a dialog that listens", func() bool { x.keys("."); return strings.Contains(x.screen(), "[ .") })
	x.keys("Tab")
	x.keys("1.0")
	x.keys("Enter") // no engine runs: the console starts one
	x.wait("the engine was started", "qa ◆")
	x.tmux("kill-server")
	t.Cleanup(func() {
		slipwayIn(t, dir, exitDone, "stop", name, "--reason", "over", "--confirm", "1.0")
		x.waitFor("the engine to put its files away", func() bool { return os.RemoveAll(dir) == nil })
	})
	out := ""
	x.waitFor("the engine to reach the next gate", func() bool {
		out = slipwayIn(t, dir, exitDone, "status", name)
		return strings.Contains(out, "qa-builds")
	})
	if out = slipwayIn(t, dir, exitDone, "ls"); strings.Contains(out, "idle") {
		t.Errorf("the engine died with the terminal:\n%s", out)
	}
}

// Each command that a screen shows after "same:" is one that slipway takes:
// its verb exists, its flags parse, its arguments are as many as it wants.
func TestShownCommandsAreTaken(t *testing.T) {
	frames, err := filepath.Glob("../../tui/testdata/mono/120x36/*.txt")
	if err != nil || len(frames) == 0 {
		t.Fatalf("no frames: %v", err)
	}
	tried := 0
	for _, path := range frames {
		frame, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(frame), "\n") {
			_, shown, ok := strings.Cut(line, "same: slipway ")
			shown, _, _ = strings.Cut(shown, "│") // of a dialog
			if !ok || strings.Contains(shown, "…") {
				continue // cut to the width: the whole is copied
			}
			cmd, args, err := (&app{}).root().Find(strings.Fields(shown))
			if err == nil {
				err = cmd.ParseFlags(args)
			}
			if err == nil {
				err = cmd.ValidateArgs(cmd.Flags().Args())
			}
			if err != nil {
				t.Errorf("%s: slipway %s: %v", filepath.Base(path), shown, err)
			}
			tried++
		}
	}
	if tried < 10 {
		t.Errorf("only %d commands were found in the frames", tried)
	}
}
