package updates

import (
	"os"

	"golang.org/x/sys/unix"
)

// fileSystemSync waits, as fsync does, for the disk; from Linux 5.8 on it tells of
// what could not be written, before that only fsync did.
func fileSystemSync() func(*os.File) error {
	return func(f *os.File) error { return os.NewSyscallError("syncfs", unix.Syncfs(int(f.Fd()))) }
}
