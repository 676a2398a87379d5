package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"slipway/cache"
)

// A coordinator ships a release by keys alone, from the wizard through every
// gate; what is published equals, byte for byte, what the verbs give.
func TestConsoleShipsByKeys(t *testing.T) {
	byKeys, byVerbs := newMiniature(t), newMiniature(t)
	x := openTerminal(t, byKeys, 120, 36)
	x.shell("slipway --state .state --cache .cache")
	x.wait("No release yet.")
	x.keys("n")
	x.wait("Nothing is written before the last step")
	x.keys("Enter")
	x.wait("Build number")
	x.keys("C-u")
	x.keys("1.0")
	x.keys("Enter")
	x.wait("Full revisions only")
	x.keys("Enter")
	x.wait("completes only")
	x.keys("Enter")
	x.wait("all is well")
	x.keys("Enter")
	x.wait("Type the version")
	x.keys("1.0", "Enter")
	x.wait("skiff 1.0 build1  [")
	shipByKeys(x)

	ship(t, byVerbs)
	keys, verbs := publishedTree(t, byKeys), publishedTree(t, byVerbs)
	if len(keys) < 10 {
		t.Errorf("%d files were published", len(keys))
	}
	for name, digest := range verbs {
		if keys[name] != digest {
			t.Errorf("%s: %s by keys, %s by verbs", name, keys[name], digest)
		}
	}
	if len(keys) != len(verbs) {
		t.Errorf("%d files by keys, %d by verbs", len(keys), len(verbs))
	}
}

// shipByKeys approves each gate in its dialog until the release is done.
func shipByKeys(x *terminal) {
	x.t.Helper()
	x.wait("go-to-build ✓") // the wizard said go
	asked := regexp.MustCompile(`Reason +\[ [A.]`)
	for {
		done := false
		x.until("a dialog that listens, or the end", func() bool {
			s := x.screen()
			switch {
			case strings.Contains(s, "DONE 100%"):
				done = true
				return true
			case strings.Contains(s, "does not wait any more"):
				x.keys("Escape") // asked for again before the answer was seen
			case asked.MatchString(s):
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
		if done {
			return
		}
		x.keys("Tab")
		x.keys("1.0")
		x.keys("Enter")
		x.until("the answer", func() bool { return !strings.Contains(x.screen(), "Type the version") })
	}
}

// ship takes the miniature through all gates by verbs.
func ship(t *testing.T, dir string) {
	t.Helper()
	rev, err := exec.Command("git", "-C", filepath.Join(dir, "repo"), "rev-parse", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	const name = "skiff-1.0-build1"
	slipwayIn(t, dir, exitDone, "plan", "1.0", "--build", "1", "--rev", strings.TrimSpace(string(rev)))
	for _, gates := range [][2]string{{"go-to-build", "coordinator"}, {"qa-builds", "qa"}, {"qa-updates", "qa"}, {"push", "coordinator"}, {"ship", "coordinator"}} {
		if gates[0] != "qa-updates" { // both QA gates are open at once
			slipwayIn(t, dir, exitHeld, "run", "plans/"+name+".json", "--no-wait")
		}
		slipwayIn(t, dir, exitDone, "approve", name, gates[0], "--as", gates[1], "--reason", "test")
	}
	slipwayIn(t, dir, exitDone, "run", name)
}

// publishedTree maps each published file to its digest.
func publishedTree(t *testing.T, dir string) map[string]string {
	t.Helper()
	tree := map[string]string{}
	root := filepath.Join(dir, "pub")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		tree[strings.TrimPrefix(path, root)] = string(cache.Sum(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}
