// Package filesystem asks a file system for what package os does not: locks
// that end with their holder, names that survive a power cut, how much room is
// left, files that no pipe can stand in for. Unix and Windows differ there; no room
// above has to know.
package filesystem

import "errors"

// ErrLocked says that another process, or another part of this one, holds the
// lock.
var ErrLocked = errors.New("locked by another process")
