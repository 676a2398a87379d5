package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestInterruptedApplyIsUndone: ctrl-C while a directory is updated.
func TestInterruptedApplyIsUndone(t *testing.T) {
	for sig, want := range map[os.Signal]int{os.Interrupt: exitInterrupted, syscall.SIGTERM: exitTerminated} {
		dir := t.TempDir()
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errSignal{sig})
		var talk bytes.Buffer
		a := &app{stdin: strings.NewReader(""), stdout: &bytes.Buffer{}, stderr: &talk}
		got := a.run(ctx, []string{"slipway", "mar", "apply", filepath.Join("..", "..", "updates", "testdata", "new.complete.mar"), dir})
		if got != want || !strings.Contains(talk.String(), "; "+dir+" is as it was") {
			t.Errorf("%v: exit code %d, want %d; said %s", sig, got, want, talk.String())
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%v left %v, %v", sig, left, err)
		}
	}
}
