package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func hello(w io.Writer) error {
	_, err := io.WriteString(w, "hello")
	return err
}

func TestWriteOutKeepsWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	file, link, pipe := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Symlink("file", link), syscall.Mkfifo(pipe, 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := writeOut(link, hello); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Lstat(link); err != nil || st.Mode().Type() != os.ModeSymlink {
		t.Errorf("the link is now %v, %v", st.Mode(), err)
	}
	if b, err := os.ReadFile(file); string(b) != "hello" {
		t.Errorf("behind the link: %q, %v", b, err)
	}

	read := make(chan []byte)
	go func() {
		b, _ := os.ReadFile(pipe)
		read <- b
	}()
	if err := writeOut(pipe, hello); err != nil {
		t.Fatal(err)
	}
	if b := <-read; string(b) != "hello" {
		t.Errorf("through the pipe: %q", b)
	}
	if st, err := os.Lstat(pipe); err != nil || st.Mode().Type() != os.ModeNamedPipe {
		t.Errorf("the pipe is now %v, %v", st.Mode(), err)
	}

	var wrong *exitError
	if err := writeOut(dir, hello); !errors.As(err, &wrong) || wrong.code != exitUsage {
		t.Errorf("onto a directory: %v", err)
	}
}

// killedWhileWriting is a program for TestScript: a signal comes while it writes.
func killedWhileWriting() {
	err := writeOut(os.Args[1], func(w io.Writer) error {
		_ = errors.Join(hello(w), syscall.Kill(os.Getpid(), syscall.SIGTERM))
		select {}
	})
	fmt.Fprintln(os.Stderr, "not killed:", err)
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
