package main

import (
	"errors"
	"io/fs"
	"syscall"

	"slipway/release/engine"
)

// Exit codes, also shown by "slipway help exit-codes".
const (
	exitDone        = 0
	exitInternal    = 1
	exitUsage       = 2
	exitConfig      = 3
	exitNotAllowed  = 4
	exitHeld        = 5
	exitTasksFailed = 6
	exitCheckFailed = 7
	exitConflict    = 8
	exitSomeFailed  = 9
	exitUnreachable = 10
	exitTimeout     = 124
	exitInterrupted = 130
	exitTerminated  = 143
)

// exitError is an error that knows its exit code and the next command to type.
type exitError struct {
	code int
	hint string
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// fail gives err an exit code and, when there is one, the next step.
func fail(code int, err error, hint string) error {
	return &exitError{code: code, err: err, hint: hint}
}

func usage(err error, hint string) error { return fail(exitUsage, err, hint) }

// unread gives the error of an input that does not open, or is not what it must
// be, the exit code of bad usage. What the system refused keeps its own.
func unread(err error) error {
	if code, _ := codeOf(err); err == nil || code != exitInternal {
		return err
	}
	return usage(err, "")
}

// placed gives the error of a place that is not there, or that a file is in, the
// exit code of bad usage.
func placed(err error) error {
	if code, _ := codeOf(err); code == exitInternal && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)) {
		return usage(err, "")
	}
	return err
}

// codeOf is an error's exit code and the next step. What the system refused is
// told apart from what went wrong in here: a script may want to try again.
func codeOf(err error) (code int, hint string) {
	var known *exitError
	if errors.As(err, &known) {
		return known.code, known.hint
	}
	if engine.Damaged(err) {
		return exitInternal, "keep the state directory as it is, and put a backup of it in its place; what was tagged and published is found again"
	}
	if no, ok := engine.Errno(err); ok {
		err = no
	}
	switch err = inUnixWords(err); {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return exitUnreachable, "make room there, then the same command again; slipway cache trim --max SIZE frees some"
	case errors.Is(err, syscall.EIO), errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return exitUnreachable, "the disk fails, or has no room, or files are too many: df, dmesg and ulimit -n tell; then the same command again"
	case errors.Is(err, syscall.EBUSY):
		return exitConflict, "another program uses that file: end it, then the same command again"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return exitNotAllowed, ""
	}
	return exitInternal, ""
}
