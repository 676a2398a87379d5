//go:build unix

package main

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestWriteOutKeepsWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	file, link, pipe := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	if err := errors.Join(os.Symlink("file", link), syscall.Mkfifo(pipe, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, behind := range []string{"nothing", "a file"} { // the second time
		if err := writeOut(link, nil, hello); err != nil {
			t.Fatal(err)
		}
		if st, err := os.Lstat(link); err != nil || st.Mode().Type() != os.ModeSymlink {
			t.Errorf("a link to %s is now %v, %v", behind, st.Mode(), err)
		}
		if b, err := os.ReadFile(file); string(b) != "hello" {
			t.Errorf("behind a link to %s: %q, %v", behind, b, err)
		}
	}

	read := make(chan []byte)
	go func() {
		b, _ := os.ReadFile(pipe)
		read <- b
	}()
	if err := writeOut(pipe, nil, hello); err != nil {
		t.Fatal(err)
	}
	if b := <-read; string(b) != "hello" {
		t.Errorf("through the pipe: %q", b)
	}
	if st, err := os.Lstat(pipe); err != nil || st.Mode().Type() != os.ModeNamedPipe {
		t.Errorf("the pipe is now %v, %v", st.Mode(), err)
	}

	var wrong *exitError
	if err := writeOut(dir, nil, hello); !errors.As(err, &wrong) || wrong.code != exitUsage {
		t.Errorf("onto a directory: %v", err)
	}
	for _, nowhere := range []string{filepath.Join(dir, "no", "place"), filepath.Join(file, "below")} {
		if err := writeOut(nowhere, nil, hello); !errors.As(err, &wrong) || wrong.code != exitUsage {
			t.Errorf("to %s: %v", nowhere, err)
		}
	}
}
