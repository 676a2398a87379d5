package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
)

func hello(w io.Writer) error {
	_, err := io.WriteString(w, "hello")
	return err
}

// killedWhileWriting is a program for TestScript: a signal comes while it writes.
func killedWhileWriting() {
	err := writeOut(os.Args[1], nil, func(w io.Writer) error {
		_ = hello(w)
		dieOf(syscall.SIGTERM)
		select {}
	})
	fmt.Fprintln(os.Stderr, "not killed:", err)
}

// A signal that came just before the file was whole has been taken from the
// process, and must not be lost.
func TestSignalIsNotLost(t *testing.T) {
	over, signals := make(chan struct{}), make(chan os.Signal, 1)
	close(over)
	for range 100 { // chance would find it half the time
		signals <- syscall.SIGTERM
		if got := signalBefore(over, signals); got != syscall.SIGTERM {
			t.Fatalf("got %v, want the signal that came", got)
		}
	}
	if got := signalBefore(over, signals); got != nil {
		t.Errorf("got %v, no signal came", got)
	}
}

// full is a disk without room, behind standard output.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// TestLostAnswerIsNoSuccess: "slipway mar list X > file" on a full disk.
func TestLostAnswerIsNoSuccess(t *testing.T) {
	for _, args := range []string{"version", "help", "help mar", "config schema", "man"} {
		var talk bytes.Buffer
		a := &app{stdin: strings.NewReader(""), stdout: full{}, stderr: &talk}
		if got := a.run(context.Background(), append([]string{"slipway"}, strings.Fields(args)...)); got != exitUnreachable {
			t.Errorf("%s: got exit code %d, want %d", args, got, exitUnreachable)
		}
		if !strings.Contains(talk.String(), "no space left on device") || !strings.Contains(talk.String(), "slipway: hint: make room") {
			t.Errorf("%s: said %q", args, talk.String())
		}
	}
}
