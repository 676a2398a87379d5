package main

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// shipByKeys takes the next release of the demo in dir from the wizard through
// every gate, by keys alone.
func shipByKeys(t *testing.T, dir, version string) {
	t.Helper()
	name := "skiff-" + version + "-build1"
	t.Cleanup(func() {
		if t.Failed() { // the engine waits at a gate, or would work on in a directory that goes away
			_ = exec.Command("slipway", "--state", filepath.Join(dir, "state"), "stop", name, "--reason", "the test failed", "--confirm", version).Run()
		}
	})
	x := openTerminal(t, dir, 120, 36)
	x.shell("GOCACHE=$(go env GOCACHE) slipway --state state --cache cache")
	x.wait("RECENT")
	x.keys("n")
	x.wait("Nothing is written before the last step")
	x.keys("Enter")
	x.wait("Build number")
	x.keys("C-u")
	x.keys(version)
	x.keys("Enter")
	x.wait("Full revisions only")
	x.keys("Enter")
	x.wait("[x] 1.0")
	x.keys("Enter")
	x.wait("all is well")
	x.keys("Enter")
	x.wait("Type the version")
	x.keys(version, "Enter")
	x.wait("skiff " + version + " build1  [")
	for x.nextGate() {
		x.keys("Tab")
		x.keys(version)
		x.keys("Enter")
		x.until("the answer", func() bool { return !strings.Contains(x.screen(), "Type the version") })
	}
}

// nextGate opens the dialog of the next gate that waits, and gives it a reason;
// false when the release is done. Skiff builds for minutes on a busy machine.
func (x *terminal) nextGate() bool {
	x.t.Helper()
	x.patience = 15 * time.Minute
	defer func() { x.patience = patience }()
	reason := regexp.MustCompile(`Reason +\[ [A.]`)
	done := false
	x.until("a dialog that listens, or the end", func() bool {
		s := x.screen()
		switch {
		case strings.Contains(s, "DONE 100%"):
			done = true
			return true
		case strings.Contains(s, "does not wait any more"):
			x.keys("Escape") // asked for again before the answer was seen
		case reason.MatchString(s):
			return true
		case strings.Contains(s, "Type the version"):
			x.keys(".") // keys of the first second are ignored
		case strings.Contains(s, "SIGN-OFFS") && strings.Contains(s, "gates waiting"):
			x.keys("Enter") // of several, the one under the cursor
		case strings.Contains(s, "waiting for people (A)"):
			x.keys("A")
		}
		return false
	})
	return !done
}

// begin plans the miniature and runs it up to its first gate, go to build.
func begin(t *testing.T, dir string) {
	t.Helper()
	rev, err := exec.Command("git", "-C", filepath.Join(dir, "repo"), "rev-parse", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	slipwayIn(t, dir, exitDone, "plan", "1.0", "--build", "1", "--rev", strings.TrimSpace(string(rev)))
	slipwayIn(t, dir, exitHeld, "run", "plans/skiff-1.0-build1.json", "--no-wait")
}

// ship takes the miniature through all gates by verbs.
func ship(t *testing.T, dir string) {
	t.Helper()
	const name = "skiff-1.0-build1"
	begin(t, dir)
	for _, gates := range [][2]string{{"go-to-build", "coordinator"}, {"qa-builds", "qa"}, {"qa-updates", "qa"}, {"push", "coordinator"}, {"ship", "coordinator"}} {
		slipwayIn(t, dir, exitDone, "approve", name, gates[0], "--as", gates[1], "--reason", "test")
		switch gates[0] {
		case "qa-builds": // both QA gates are open at once
		case "ship":
			slipwayIn(t, dir, exitDone, "run", name)
		default:
			slipwayIn(t, dir, exitHeld, "run", name, "--no-wait")
		}
	}
}
