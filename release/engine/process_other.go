//go:build !linux

package engine

import (
	"os"
	"syscall"
)

// startTime can only tell here whether a process of that number exists.
func startTime(pid int) string {
	p, err := os.FindProcess(pid)
	if err != nil || p.Signal(syscall.Signal(0)) != nil {
		return ""
	}
	return "running"
}
