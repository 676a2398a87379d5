//go:build unix

package signing

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// handed gives the number of a descriptor, from least on, as a shell hands it on:
// open in every program that is started. What was read is kept by number, so each
// test has numbers of its own.
func handed(t *testing.T, least int, text string) int {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString(text); err != nil {
		t.Fatal(err)
	}
	w.Close()
	defer r.Close()
	fd, err := unix.FcntlInt(r.Fd(), unix.F_DUPFD, least)
	if err != nil {
		t.Fatal(err)
	}
	return fd
}

// Until slipway reads it, a program could drain an inherited pipe: git, a build
// step, the program of another reference.
func TestHeldFromOtherPrograms(t *testing.T) {
	fd := handed(t, 100, canary+"\n")
	ref := Ref(fmt.Sprintf("fd:%d", fd))
	ref.Hold()
	ref.Hold()
	drain := Ref(fmt.Sprintf("cmd:cat /dev/fd/%d", fd))
	if s, err := ReadSecret(t.Context(), drain); err == nil {
		t.Errorf("another program read %d bytes of it", len(s.Reveal()))
	}
	if s, err := ReadSecret(t.Context(), ref); err != nil || string(s.Reveal()) != canary {
		t.Errorf("slipway itself: %v", err)
	}
	ref.Hold() // read by now: its number may be another file's
	if s, err := ReadSecret(t.Context(), ref); err != nil || string(s.Reveal()) != canary {
		t.Errorf("slipway again: %v", err)
	}
	for _, other := range []Ref{"fd:1", "fd:x", "file:fd:5", "", "fd:"} {
		other.Hold()
	}
}

// The engine is started by its like, and needs what that was handed.
func TestHandOn(t *testing.T) {
	fd := handed(t, 200, canary)
	ref := Ref(fmt.Sprintf("fd:%d", fd))
	ref.Hold()
	cmd := exec.Command("cat", fmt.Sprintf("/dev/fd/%d", fd))
	HandOn(cmd)
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != canary {
		t.Errorf("got %d bytes, %v", len(out), err)
	}
	// What was read is not handed on: the pipe is empty.
	if _, err := ReadSecret(t.Context(), ref); err == nil || !strings.Contains(err.Error(), "is empty") {
		t.Errorf("got %v", err)
	}
	cmd = exec.Command("true")
	if HandOn(cmd); len(cmd.ExtraFiles) > fd-3 {
		t.Errorf("%d files handed on", len(cmd.ExtraFiles))
	}
}
