package main

import (
	"os"
	"os/exec"
)

// dieOf ends this process: there are no signals to die of.
func dieOf(os.Signal) { os.Exit(exitInterrupted) }

// inOwnSession does nothing: slipway runs no releases on Windows.
func inOwnSession(*exec.Cmd) {}
