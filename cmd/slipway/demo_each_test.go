//go:build unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"slipway/release/engine"
)

// TestDemoKilledAfterEachTask kills the demo as soon as one more task has
// passed, until it gets through. It takes hundreds of lives, so it is asked for
// with SLIPWAY_KILL_EACH=1.
func TestDemoKilledAfterEachTask(t *testing.T) {
	if os.Getenv("SLIPWAY_KILL_EACH") == "" {
		t.Skip("takes long; set SLIPWAY_KILL_EACH=1")
	}
	slipway := buildSlipway(t)
	calm, rough := filepath.Join(t.TempDir(), "calm"), filepath.Join(t.TempDir(), "rough")
	if out, err := exec.Command(slipway, "demo", "--dir", calm).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, end(out))
	}
	lives := 1
	for killAfterOneTask(t, slipway, rough) {
		lives++
	}
	t.Logf("%d lives", lives)
	sameFiles(t, files(t, calm), files(t, rough))
	for _, version := range demoVersions {
		neverAgain(t, slipway, rough, "skiff-"+version+"-build1")
	}
}

// killAfterOneTask is one life; false when it came to its end.
func killAfterOneTask(t *testing.T, slipway, dir string) bool {
	t.Helper()
	before := passedTasks(t, dir)
	cmd := exec.Command(slipway, "demo", "--dir", dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatal(err)
			}
			return false
		case <-tick.C:
		}
		if passedTasks(t, dir) > before {
			if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
				t.Fatal(err)
			}
			<-ended
			return true
		}
	}
}

func passedTasks(t *testing.T, dir string) (n int) {
	t.Helper()
	state := filepath.Join(dir, "state")
	if _, err := os.Stat(filepath.Join(state, "journal.db")); err != nil {
		return 0
	}
	j, err := engine.Open(state)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	runs, err := j.Runs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		n += r.Counts.Passed
	}
	return n
}
