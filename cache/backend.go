package cache

import (
	"context"
	"io"
	"time"
)

// Class separates the things a store keeps.
type Class string

const (
	Blobs   Class = "blobs" // bytes, named by the hex digits of their digest
	Results Class = "keys"  // records of keyed results, named by the key's hex digits
	Bad     Class = "bad"   // what was put aside; only listed and removed
)

// Backend is a place for named bytes: the disk today, a remote store next to
// it. It is not trusted: whatever it hands out is checked by [Store].
type Backend interface {
	// Open returns what is kept under name; fs.ErrNotExist when nothing is,
	// and a [*DamagedError] when it is there but is not a plain file of ours.
	Open(ctx context.Context, c Class, name string) (File, error)
	// Create starts a new entry, which exists for nobody until Commit.
	Create(ctx context.Context) (Pending, error)
	// Commit makes entries durable and visible, each in one step. Many at once
	// cost much less than each alone.
	Commit(ctx context.Context, all []Finished) error
	// Has says whether name is there, without looking at the bytes.
	Has(c Class, name string) bool
	// Touch marks the entry as used at t; see [Store.Trim].
	Touch(c Class, name string, t time.Time) error
	// Remove forgets the entry; it is no error if it is not there.
	Remove(c Class, name string) error
	// Quarantine takes a damaged entry out of sight but keeps it for people to
	// look at. seen is the file that was found bad, nil if Open refused it; if
	// by now another stands in its place, that one stays.
	Quarantine(c Class, name string, seen File) error
	// List calls yield for each entry, in no order.
	List(ctx context.Context, c Class, yield func(Listed) error) error
}

// File is an open entry of a backend.
type File interface {
	io.ReaderAt
	io.Closer
	Size() int64
	Used() time.Time // to the hour; see [Store.Trim]
	// Stamp changes whenever the bytes may have; false if the backend cannot
	// tell.
	Stamp() (Stamp, bool)
}

// Stamp identifies the state of a file without reading it.
type Stamp struct {
	Device, Inode    uint64
	Size             int64
	Written, Changed int64 // bytes; anything, even the time of the last write; Unix nanoseconds
}

// Pending is an entry in the making. Abort drops it, unless it was committed:
// so it can be deferred.
type Pending interface {
	io.Writer
	Abort()
}

// Finished is an entry that has all its bytes, and what it shall be.
type Finished struct {
	Pending Pending
	Class   Class
	Name    string
}

// Listed is one line of [Backend.List].
type Listed struct {
	Name string
	Size int64
	Used time.Time
}

// DamagedError says why an entry is not what its name promises.
type DamagedError struct {
	Class Class
	Name  string
	Why   string
}

func (e *DamagedError) Error() string {
	return string(e.Class) + "/" + e.Name + ": " + e.Why
}
