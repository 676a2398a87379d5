//go:build !unix

package signing

// inherited: only standard input is handed on by number.
func inherited(fd int) bool { return fd == 0 }

func closeOnExec(int) {} // nothing else is handed on
