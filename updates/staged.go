package updates

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"slipway/updates/mar"
)

// ApplyStaged runs a package on a copy of dir, out, which must not be there
// yet: the updater's staged mode. dir is not touched; a failure leaves no out.
func ApplyStaged(ctx context.Context, parsed *mar.Archive, dir, out string) error {
	return applyStaged(ctx, parsed, dir, out, newSyncs())
}

func applyStaged(ctx context.Context, parsed *mar.Archive, dir, out string, s *syncs) error {
	from, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer from.Close()
	return newDir(out, s, func(to *os.Root) error {
		if err := copyAll(ctx, from, to, s); err != nil {
			return err
		}
		return ApplyDir(ctx, parsed, to.Name())
	})
}

func copyAll(ctx context.Context, from, to *os.Root, s *syncs) error {
	self, err := to.Stat(".")
	if err != nil {
		return err
	}
	return fs.WalkDir(from.FS(), ".", func(p string, e fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || p == "." {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		mode := info.Mode()
		switch {
		case os.SameFile(info, self): // it is made inside, as the updater makes its own
			return fs.SkipDir
		case e.IsDir():
			return errors.Join(to.Mkdir(p, 0o700), to.Chmod(p, mode.Perm()|0o700))
		case mode.Type() == fs.ModeSymlink:
			target, err := from.Readlink(p)
			if err != nil {
				return err
			}
			return to.Symlink(target, p)
		case !mode.IsRegular():
			return fmt.Errorf("%q is %w: %s", p, ErrKind, mode.Type())
		}
		src, err := from.Open(p)
		if err != nil {
			return err
		}
		defer src.Close()
		dst, err := to.OpenFile(p, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(dst, src)
		return errors.Join(err, dst.Chmod(mode.Perm()), s.wrote(dst), dst.Close())
	})
}
