//go:build unix

package signing

import "golang.org/x/sys/unix"

// inherited tells a descriptor that was there when this program began from one
// that it opened: Go opens all of its own to be closed on exec.
func inherited(fd int) bool {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	return err == nil && flags&unix.FD_CLOEXEC == 0
}

// closeOnExec cannot fail on a descriptor that inherited has just looked at.
func closeOnExec(fd int) { unix.CloseOnExec(fd) }
