//go:build unix

// Package killtest kills a program at random moments, again and again, and
// then lets it come to its end. It is for tests only.
package killtest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"syscall"
	"time"
)

// Plan is how often and when to kill.
type Plan struct {
	Kills int
	// Longest is the longest that one life of the program lasts. Moments are
	// spread evenly below it, so that start-up is hit as well as work.
	Longest time.Duration
	Rand    *rand.Rand
}

// Run starts the program again and again, each time to be killed, until a life
// comes to its end before its kill or the kills are used up; then once more, to
// the end. A life that ends by itself must end well. It returns how many kills
// hit.
func (p Plan) Run(command func() *exec.Cmd) (hits int, err error) {
	for hits < p.Kills {
		after := time.Duration(p.Rand.Int64N(int64(p.Longest))) + 1
		killed, err := p.live(command(), after)
		if err != nil {
			return hits, err
		}
		if !killed {
			break
		}
		hits++
	}
	cmd := command()
	if out, err := cmd.CombinedOutput(); err != nil {
		return hits, fmt.Errorf("the last life of %s: %w\n%s", cmd, err, out)
	}
	return hits, nil
}

// live starts one life and kills its whole process group after a while. It
// waits for all who hold the life's output, so that its children are gone too.
func (p Plan) live(cmd *exec.Cmd, after time.Duration) (killed bool, err error) {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return false, err
	}
	timer := time.AfterFunc(after, func() {
		// The group, so that children of the program die with it.
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	})
	err = cmd.Wait()
	timer.Stop()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
			return true, nil
		}
	}
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s", cmd, err, out.Bytes())
	}
	return false, err
}
