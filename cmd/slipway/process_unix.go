//go:build unix

package main

import (
	"os"
	"os/exec"
	"syscall"
)

// dieOf ends this process by a signal, as if nobody had caught it.
func dieOf(s os.Signal) { _ = syscall.Kill(os.Getpid(), s.(syscall.Signal)) }

// inUnixWords has nothing to translate.
func inUnixWords(err error) error { return err }

// obeysEscapes says whether a terminal wipes a line when told so.
func obeysEscapes(*os.File) bool { return true }

// inOwnSession frees a process of this terminal.
func inOwnSession(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
