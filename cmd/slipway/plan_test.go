package main

import (
	"os"
	"path/filepath"
	"testing"
)

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
