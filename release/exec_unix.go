//go:build unix

package release

import (
	"os/exec"
	"syscall"
)

// inOwnGroup gives a step a process group of its own, which dies as one.
func inOwnGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
