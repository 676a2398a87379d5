//go:build unix

package cache

import (
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"syscall"
)

// keepOut makes sure that a directory is ours and that nobody else can enter it.
func (d *disk) keepOut(name string, info fs.FileInfo) error {
	if uid := info.Sys().(*syscall.Stat_t).Uid; int(uid) != os.Getuid() {
		return fmt.Errorf("%q belongs to user %d, not to %d who runs this: choose another --cache", name, uid, os.Getuid())
	}
	if info.Mode().Perm() != dirMode {
		return d.root.Chmod(name, dirMode)
	}
	return nil
}

// shared says why others may change a file under our hands.
func shared(info fs.FileInfo) error {
	st := info.Sys().(*syscall.Stat_t)
	switch {
	case st.Nlink == 0:
		return errReplaced
	case st.Nlink != 1:
		return unsoundError("has " + strconv.FormatUint(uint64(st.Nlink), 10) + " hard links")
	case info.Mode() != fileMode:
		return unsoundError(fmt.Sprintf("has mode %v, want %v", info.Mode(), fs.FileMode(fileMode)))
	case int(st.Uid) != os.Getuid():
		return unsoundError(fmt.Sprintf("belongs to user %d", st.Uid))
	}
	return nil
}
