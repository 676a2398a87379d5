package main

import (
	"errors"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// dieOf ends this process: there are no signals to die of.
func dieOf(os.Signal) { os.Exit(exitInterrupted) }

// inUnixWords translates what the system refused into the error that Unix has
// for it, where that decides the exit code.
func inUnixWords(err error) error {
	for _, pair := range []struct{ theirs, ours error }{
		{windows.ERROR_DISK_FULL, syscall.ENOSPC},
		{windows.ERROR_HANDLE_DISK_FULL, syscall.ENOSPC},
		{windows.ERROR_SHARING_VIOLATION, syscall.EBUSY},
		{windows.ERROR_WRITE_PROTECT, syscall.EROFS},
	} {
		if errors.Is(err, pair.theirs) {
			return pair.ours
		}
	}
	return err
}

// obeysEscapes makes a terminal obey escape sequences; an old one cannot.
func obeysEscapes(terminal *os.File) bool {
	var mode uint32
	h := windows.Handle(terminal.Fd())
	return windows.GetConsoleMode(h, &mode) == nil &&
		windows.SetConsoleMode(h, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}

// inOwnSession does nothing: slipway runs no releases on Windows.
func inOwnSession(*exec.Cmd) {}
