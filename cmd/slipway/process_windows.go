package main

import (
	"os"
	"os/exec"

	"golang.org/x/sys/windows"
)

// dieOf ends this process: there are no signals to die of.
func dieOf(os.Signal) { os.Exit(exitInterrupted) }

// obeysEscapes makes a terminal obey escape sequences; an old one cannot.
func obeysEscapes(terminal *os.File) bool {
	var mode uint32
	h := windows.Handle(terminal.Fd())
	return windows.GetConsoleMode(h, &mode) == nil &&
		windows.SetConsoleMode(h, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}

// inOwnSession does nothing: slipway runs no releases on Windows.
func inOwnSession(*exec.Cmd) {}
