package main

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"

	"slipway/release/engine"
)

func TestTheSystemsRefusalsHaveTheirCodes(t *testing.T) {
	for err, want := range map[error]int{
		&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}: exitUnreachable,
		&fs.PathError{Op: "write", Path: "x", Err: syscall.EDQUOT}: exitUnreachable,
		&fs.PathError{Op: "read", Path: "x", Err: syscall.EIO}:     exitUnreachable,
		&fs.PathError{Op: "open", Path: "x", Err: syscall.EMFILE}:  exitUnreachable,
		&fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES}:  exitNotAllowed,
		&fs.PathError{Op: "open", Path: "x", Err: syscall.EROFS}:   exitNotAllowed,
		errors.New("two builds of one commit differ"):              exitInternal,
		fail(exitHeld, syscall.ENOSPC, ""):                         exitHeld,
	} {
		if got, _ := codeOf(fmt.Errorf("doing something: %w", err)); got != want {
			t.Errorf("%v: got exit code %d, want %d", err, got, want)
		}
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
