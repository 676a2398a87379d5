package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"slipway/cache/filesystem"
)

// TestInterrupted: ctrl-C while a directory is updated, copied or written
// leaves what was there, and nothing beside it.
func TestInterrupted(t *testing.T) {
	sample := filepath.Join("..", "..", "updates", "testdata", "new.complete.mar")
	for sig, want := range map[os.Signal]int{os.Interrupt: exitInterrupted, syscall.SIGTERM: exitTerminated} {
		dir := t.TempDir()
		app1 := filepath.Join(dir, "app")
		out := filepath.Join(dir, "out")
		if err := os.Mkdir(app1, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			args []string
			says string
		}{
			{[]string{"apply", sample, app1}, "; " + app1 + " is as it was"},
			{[]string{"apply", sample, app1, "--staged", out}, "; " + app1 + " is as it was"},
			{[]string{"extract", sample, out}, "; " + out + " was not made"},
		} {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(errSignal{sig})
			var talk bytes.Buffer
			a := &app{stdin: strings.NewReader(""), stdout: &bytes.Buffer{}, stderr: &talk}
			got := a.run(ctx, append([]string{"slipway", "mar"}, c.args...))
			if got != want || !strings.Contains(talk.String(), c.says) {
				t.Errorf("%v, %q: exit code %d, want %d; said %s", sig, c.args, got, want, talk.String())
			}
		}
		for dir, want := range map[string]int{dir: 1, app1: 0} {
			if left, err := os.ReadDir(dir); err != nil || len(left) != want {
				t.Errorf("%v left %v, %v", sig, left, err)
			}
		}
	}
}

// TestBusyDirectory: two updates of one directory at once are a conflict.
func TestBusyDirectory(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	other, err := filesystem.LockDir(root, ".")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	var talk bytes.Buffer
	a := &app{stdin: strings.NewReader(""), stdout: &bytes.Buffer{}, stderr: &talk}
	got := a.run(t.Context(), []string{"slipway", "mar", "apply", "../../updates/testdata/new.complete.mar", dir})
	if got != exitConflict || !strings.Contains(talk.String(), dir+": another update is at work here\n") {
		t.Errorf("exit code %d, want %d; said %s", got, exitConflict, talk.String())
	}
}
