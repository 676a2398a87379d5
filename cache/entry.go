package cache

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"strconv"
	"syscall"
	"time"
)

type diskFile struct {
	*os.File
	info fs.FileInfo
}

func (f diskFile) Size() int64     { return f.info.Size() }
func (f diskFile) Used() time.Time { return f.info.ModTime() }

func (d *disk) Open(_ context.Context, c Class, name string) (File, error) {
	full := path.Join(string(c), name)
	for {
		f, err := d.openOnce(full)
		if errors.Is(err, errReplaced) {
			continue // by another process that made the same entry
		}
		var why unsoundError
		if errors.As(err, &why) {
			return nil, &DamagedError{c, name, string(why)}
		}
		return f, err
	}
}

var errReplaced = errors.New("replaced while it was opened")

// openOnce looks before it opens: opening a planted FIFO would hang. What was
// looked at must be what was opened.
func (d *disk) openOnce(full string) (File, error) {
	before, err := d.root.Lstat(full)
	if err != nil {
		return nil, err
	}
	if err := unsound(before); err != nil {
		return nil, err
	}
	f, err := d.root.OpenFile(full, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	after, err := f.Stat()
	if err == nil && !os.SameFile(before, after) {
		err = errReplaced
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return diskFile{f, after}, nil
}

// unsoundError says what is wrong with a file before a byte of it is read.
type unsoundError string

func (e unsoundError) Error() string { return string(e) }

func unsound(info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return unsoundError("is " + kindOf(info.Mode()) + ", not a file")
	}
	return shared(info)
}

func kindOf(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a directory"
	case m&fs.ModeSymlink != 0:
		return "a symbolic link"
	case m&fs.ModeNamedPipe != 0:
		return "a FIFO"
	case m&fs.ModeDevice != 0:
		return "a device"
	case m.IsRegular():
		return "a file"
	}
	return "a special file"
}

func (d *disk) Has(c Class, name string) bool {
	info, err := d.root.Lstat(path.Join(string(c), name))
	return err == nil && info.Mode().IsRegular()
}

func (d *disk) Touch(c Class, name string, t time.Time) error {
	return d.root.Chtimes(path.Join(string(c), name), time.Time{}, t)
}

func (d *disk) Remove(c Class, name string) error {
	return d.root.RemoveAll(path.Join(string(c), name)) // a planted one may be a directory
}

func (d *disk) Quarantine(c Class, name string, seen File) error {
	if err := d.begin(); err != nil {
		return err
	}
	from := path.Join(string(c), name)
	to := path.Join(string(Bad), string(c)+"."+name+"."+d.next())
	if err := d.root.Rename(from, to); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	// Take first, look then: between the look that found it bad and the
	// rename, another process may have put a sound entry in its place.
	moved, err := d.root.Lstat(to)
	if err != nil {
		return err
	}
	another := unsound(moved) == nil
	if f, ok := seen.(diskFile); ok {
		another = !os.SameFile(f.info, moved)
	}
	if another && !d.Has(c, name) {
		return d.root.Rename(to, from)
	}
	return nil
}

func (d *disk) next() string {
	return d.session + "." + strconv.FormatInt(d.serial.Add(1), 10)
}

func (d *disk) List(ctx context.Context, c Class, yield func(Listed) error) error {
	entries, err := fs.ReadDir(d.root.FS(), string(c))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // trimmed by another process meanwhile
		}
		if err != nil {
			return err
		}
		if err := yield(Listed{Name: e.Name(), Size: info.Size(), Used: info.ModTime()}); err != nil {
			return err
		}
	}
	return nil
}
