package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// A device is written to: one that never ends must not be read for comparison.
func TestKeepPlanWritesToDevices(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("no /dev/full")
	}
	if err := keepPlan("/dev/full", []byte("{}\n")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("/dev/full: got %v, want that it is full", err)
	}
	if err := keepPlan(os.DevNull, []byte("{}\n")); err != nil {
		t.Error(err)
	}
	if err := keepPlan(t.TempDir(), []byte("{}\n")); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("a directory: %v", err)
	}
}

// A writer that was killed leaves a temporary file; the next one takes it away.
func TestKeepPlanSweepsWhatAKilledOneLeft(t *testing.T) {
	dir := t.TempDir()
	orphan := filepath.Join(dir, ".plan-1837782245")
	if err := os.WriteFile(orphan, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "skiff-1.0-build1.json")
	if err := keepPlan(path, []byte("{}\n")); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 1 || left[0].Name() != filepath.Base(path) {
		t.Errorf("the directory holds %v, want the plan alone", left)
	}
}
