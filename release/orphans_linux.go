package release

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// orphanPatience is how long killed processes may take to be gone: one that
// waits for a disk cannot die before it answers.
const orphanPatience = 30 * time.Second

// endOrphans kills what runs in a scratch directory: what an attempt left there
// when the engine above it was killed, and what steps leave that have ended. A
// process is known by the environment that [stepEnv] gave it, or by where it
// works, and not by a number noted beforehand: numbers are reused, a child may
// leave its parent's group, and between its start and a note the engine may die.
func endOrphans(ctx context.Context, dir string) error {
	left := time.NewTimer(orphanPatience)
	defer left.Stop()
	for {
		pids, err := killOrphans(dir)
		if err != nil || len(pids) == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-left.C:
			return fmt.Errorf("%s: processes %v do not end", dir, pids)
		case <-time.After(5 * time.Millisecond): // then look again: one may have started another meanwhile
		}
	}
}

// killOrphans goes through the processes once.
func killOrphans(dir string) ([]int, error) {
	real, err := filepath.EvalSymlinks(filepath.Dir(dir))
	if err != nil {
		return nil, nil // no directory above: nothing was ever started there
	}
	real = filepath.Join(real, filepath.Base(dir))
	list, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("looking for processes of an earlier attempt: %w", err)
	}
	var pids []int
	for _, e := range list {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || !worksIn(pid, dir, real) {
			continue
		}
		p, err := os.FindProcess(pid) // holds the process, not only its number
		if err != nil {
			continue
		}
		if worksIn(pid, dir, real) && p.Signal(syscall.SIGKILL) == nil {
			pids = append(pids, pid)
		}
		_ = p.Release() // nothing is lost
	}
	return pids, nil
}

// worksIn: a process that cannot be looked at is somebody else's, or gone.
func worksIn(pid int, dir, real string) bool {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	if cwd, err := os.Readlink(filepath.Join(proc, "cwd")); err == nil {
		if cwd = strings.TrimSuffix(cwd, " (deleted)"); cwd == real || strings.HasPrefix(cwd, real+"/") {
			return true
		}
	}
	env, err := os.ReadFile(filepath.Join(proc, "environ"))
	if err != nil {
		return false
	}
	home, tmp := stepDirs(dir)
	for _, v := range strings.Split(string(env), "\x00") {
		if v == "HOME="+home || v == "TMPDIR="+tmp {
			return true
		}
	}
	return false
}
