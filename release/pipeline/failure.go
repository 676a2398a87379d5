package pipeline

import (
	"errors"
	"syscall"
)

// Class tells what a failure calls for.
type Class string

const (
	Infra   Class = "infra"   // the world hiccuped: retried by itself, with backoff
	Input   Class = "input"   // the given things are wrong: a retry cannot help
	Policy  Class = "policy"  // not allowed: needs a person
	Clash   Class = "clash"   // the world moved since the plan: lock, tag, other bytes
	Unknown Class = "unknown" // not told; treated as permanent
)

// Failure is an error with what people need to act on it.
type Failure struct {
	Class Class
	Cause string // short and free of locale and platform names, so that equal causes group
	Err   error
}

func (f *Failure) Error() string { return f.Err.Error() }
func (f *Failure) Unwrap() error { return f.Err }

// Fail wraps err in a Failure; it returns nil for nil.
func Fail(class Class, cause string, err error) error {
	if err == nil {
		return nil
	}
	return &Failure{Class: class, Cause: cause, Err: err}
}

// ClassOf finds the class of an error, Unknown when none is told. A full disk is
// one whatever the task took it for.
func ClassOf(err error) Class {
	if diskFull(err) {
		return Infra
	}
	var f *Failure
	if errors.As(err, &f) {
		return f.Class
	}
	return Unknown
}

// CauseOf finds the cause of an error, empty when none is told.
func CauseOf(err error) string {
	if diskFull(err) {
		return "a disk is full"
	}
	var f *Failure
	if errors.As(err, &f) {
		return f.Cause
	}
	return ""
}

func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
