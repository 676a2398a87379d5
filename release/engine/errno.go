package engine

import (
	"errors"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Errno is what the system said when the journal's disk failed. SQLite tells it
// in numbers of its own: a full disk is "disk I/O error (4874)" when it is the
// shared memory that finds no room.
func Errno(err error) (no syscall.Errno, ok bool) {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return 0, false
	}
	const primary = 0xff // the rest of a code says where it happened
	switch {
	case e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE, e.Code()&primary == sqlite3.SQLITE_FULL:
		return syscall.ENOSPC, true
	case e.Code()&primary == sqlite3.SQLITE_IOERR:
		return syscall.EIO, true
	case e.Code()&primary == sqlite3.SQLITE_READONLY:
		return syscall.EROFS, true
	}
	return 0, false
}

// Damaged tells whether the journal's file is no database, or one no more.
func Damaged(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_CORRUPT || e.Code() == sqlite3.SQLITE_NOTADB)
}
