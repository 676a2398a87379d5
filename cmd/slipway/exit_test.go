//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// What cannot be read is bad usage, unless the system refused it.
func TestUnread(t *testing.T) {
	for err, want := range map[error]int{
		&fs.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}: exitUsage,
		&fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES}: exitNotAllowed,
		&fs.PathError{Op: "read", Path: "x", Err: syscall.EIO}:    exitUnreachable,
		errors.New("x: PEM blocks []: want PRIVATE KEY"):          exitUsage,
	} {
		if got, _ := codeOf(unread(err)); got != want {
			t.Errorf("%v: got exit code %d, want %d", err, got, want)
		}
	}
	if err := unread(nil); err != nil {
		t.Errorf("no error: got %v", err)
	}
}

// What the system keeps from us is not allowed, whichever verb reads it. Root may
// read everything, so its tests do this as nobody.
func TestUnreadableInputs(t *testing.T) {
	dir, err := os.MkdirTemp("", "unreadable-") // t.TempDir lets nobody in
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	slipway, secret, plain, out := filepath.Join(dir, "slipway"), filepath.Join(dir, "secret"), filepath.Join(dir, "plain"), filepath.Join(dir, "out", "x")
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(slipway, self, 0o755), os.WriteFile(secret, []byte("x"), 0),
		os.WriteFile(plain, []byte("x"), 0o644), os.Mkdir(filepath.Dir(out), 0o777), os.Chmod(filepath.Dir(out), 0o777)); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"mar", "list", secret},
		{"mar", "check", secret},
		{"mar", "verify", plain, "--cert", secret},
		{"mar", "sign", plain, out, "--key", secret},
		{"mar", "apply", plain, dir, "--cert", secret},
		{"diff", plain, secret, out},
		{"compat", "mar", "-n0", "-I", plain, secret, out},
	} {
		cmd := exec.Command(slipway, args...)
		if os.Getuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		said, err := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != exitNotAllowed {
			t.Errorf("%q: exit code %d (%v), want %d: %s", args, code, err, exitNotAllowed, said)
		}
	}
}

func TestTheSystemsRefusalsHaveTheirCodes(t *testing.T) {
	for err, want := range map[error]int{
		&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}: exitUnreachable,
		&fs.PathError{Op: "write", Path: "x", Err: syscall.EDQUOT}: exitUnreachable,
		&fs.PathError{Op: "read", Path: "x", Err: syscall.EIO}:     exitUnreachable,
		&fs.PathError{Op: "open", Path: "x", Err: syscall.EMFILE}:  exitUnreachable,
		&fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES}:  exitNotAllowed,
		&fs.PathError{Op: "open", Path: "x", Err: syscall.EROFS}:   exitNotAllowed,
		&fs.PathError{Op: "rename", Path: "x", Err: syscall.EBUSY}: exitConflict,
		errors.New("two builds of one commit differ"):              exitInternal,
		fail(exitHeld, syscall.ENOSPC, ""):                         exitHeld,
	} {
		if got, _ := codeOf(fmt.Errorf("doing something: %w", err)); got != want {
			t.Errorf("%v: got exit code %d, want %d", err, got, want)
		}
	}
}

// TestFailuresOfTheWorldHaveTheirCode: a run that only servers failed may be
// tried later; one other failure, and it may not.
func TestFailuresOfTheWorldHaveTheirCode(t *testing.T) {
	server, input := pipeline.Cause{Class: pipeline.Infra}, pipeline.Cause{Class: pipeline.Input}
	for _, c := range []struct {
		causes    []pipeline.Cause
		keepGoing bool
		want      int
	}{
		{[]pipeline.Cause{server}, false, exitUnreachable},
		{[]pipeline.Cause{server, server}, true, exitUnreachable},
		{[]pipeline.Cause{server, input}, false, exitTasksFailed},
		{[]pipeline.Cause{input}, true, exitSomeFailed},
		{nil, false, exitTasksFailed}, // cancelled by a person
	} {
		err := judge(t.Context(), engine.Outcome{Standing: pipeline.Broken, Causes: c.causes}, c.keepGoing)
		if got, _ := codeOf(err); got != c.want {
			t.Errorf("%v, keep going %t: got exit code %d, want %d", c.causes, c.keepGoing, got, c.want)
		}
	}
}

// A journal that is none any more is left alone, and what to do is said.
func TestADamagedJournalSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "journal.db")
	if err := os.WriteFile(file, bytes.Repeat([]byte("garbage "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := engine.Open(dir)
	code, hint := codeOf(err)
	if code != exitInternal || !strings.Contains(hint, "backup") || !strings.Contains(fmt.Sprint(err), file) {
		t.Errorf("%v: exit code %d, hint %q", err, code, hint)
	}
	if text, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(text, []byte("garbage ")) {
		t.Errorf("it was touched: %q, %v", text[:8], err)
	}
}

// TestAJournalThatCannotBeWrittenSaysSo: SQLite has numbers of its own. The limit
// stands for a full disk.
func TestAJournalThatCannotBeWrittenSaysSo(t *testing.T) {
	dir := t.TempDir()
	j, err := engine.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	var old, limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	limit = old
	limit.Cur = 1 << 10
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
			t.Fatal(err)
		}
	}()
	_, err = engine.Open(dir)
	if code, hint := codeOf(err); code != exitUnreachable || hint == "" {
		t.Errorf("%v: exit code %d, hint %q", err, code, hint)
	}
}
