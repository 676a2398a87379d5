package updates

import (
	"errors"
	"io/fs"
	"os"
	"sync/atomic"
	"syscall"

	"slipway/cache/filesystem"
)

// fewSyncs is how many files and directories are synced each by itself, which
// takes a second or two of a slow disk and waits for nobody else's files.
const fewSyncs = 256

// syncs makes what was written durable before a name or a journal says that it is
// there. A package may have 200,000 entries, and a sync of each takes minutes:
// beyond the few, one call for the whole file system replaces the many.
type syncs struct {
	file, dir func(*os.File) error
	all       func(*os.File) error // of the file system that the file is on; nil: there is no such call
	n         atomic.Int64         // files and directories so far
}

func newSyncs() *syncs {
	return &syncs{file: (*os.File).Sync, dir: filesystem.SyncDir, all: fileSystemSync()}
}

// wrote takes a file that has all its bytes and its mode. It is durable now, or
// when names returns.
func (s *syncs) wrote(f *os.File) error {
	if s.n.Add(1) > fewSyncs && s.all != nil {
		return nil
	}
	return s.file(f)
}

// names makes the names in directories below root durable, and what wrote has
// left. A directory that is gone is its parent's affair.
func (s *syncs) names(root *os.Root, dirs []string) error {
	if s.n.Add(int64(len(dirs))) > fewSyncs && s.all != nil {
		return onDir(root, ".", s.all)
	}
	for _, p := range dirs {
		err := onDir(root, p, s.dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			return err
		}
	}
	return nil
}

func onDir(root *os.Root, p string, do func(*os.File) error) error {
	f, err := root.Open(p)
	if err != nil {
		return err
	}
	return errors.Join(do(f), f.Close())
}

// tree makes root and the names in all directories below it durable.
func (s *syncs) tree(root *os.Root) error {
	var dirs []string
	err := fs.WalkDir(root.FS(), ".", func(p string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			dirs = append(dirs, p)
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.names(root, dirs)
}
