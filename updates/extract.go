package updates

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"slipway/updates/mar"
)

// ReadInfo returns what a package says about itself.
func ReadInfo(parsed *mar.Archive) (Info, error) {
	a, err := openArchive(parsed)
	if err != nil {
		return Info{}, err
	}
	return a.info()
}

// Extract writes every entry, unpacked or raw as stored, below dir, which it
// makes; nothing may stand there yet. A failure leaves no dir behind.
func Extract(ctx context.Context, parsed *mar.Archive, dir string, raw bool) error {
	return extract(ctx, parsed, dir, raw, newSyncs())
}

func extract(ctx context.Context, parsed *mar.Archive, dir string, raw bool, s *syncs) error {
	a := indexed(parsed)
	return newDir(dir, s, func(root *os.Root) error {
		var total unpacked
		for _, e := range a.Entries {
			if err := ctx.Err(); err != nil {
				return err
			}
			var data []byte
			var err error
			if raw {
				data, err = a.packed(e.Name)
			} else {
				data, err = a.read(e.Name, maxFile)
			}
			if err == nil {
				err = total.add(int64(len(data)))
			}
			if err == nil {
				err = writeNew(root, s, e.Name, data, fs.FileMode(e.Mode))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// newDir fills a directory beside dir and, when it is whole and durable, gives it
// its name. fill hands its files to s.
func newDir(dir string, s *syncs, fill func(*os.Root) error) (err error) {
	dir = filepath.Clean(dir)
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w; want the name of a new directory", dir, fs.ErrExist)
	}
	temp, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(temp))
		}
	}()
	if err := os.Chmod(temp, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(temp)
	if err != nil {
		return err
	}
	err = fill(root)
	if err == nil {
		err = s.tree(root)
	}
	if err := errors.Join(err, root.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp, dir); err != nil {
		return err
	}
	parent, err := os.Open(filepath.Dir(dir))
	if err != nil {
		return err
	}
	return errors.Join(s.dir(parent), parent.Close())
}

func writeNew(root *os.Root, s *syncs, name string, data []byte, mode fs.FileMode) error {
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Chmod(mode), s.wrote(f), f.Close())
}
