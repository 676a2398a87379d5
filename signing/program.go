package signing

import (
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// programPatience is how long an output is read whose program has ended: an agent
// that it started may hold it open for as long as it lives.
const programPatience = time.Second

// printed runs a program and gives what it printed, limit bytes at most: it may
// print for ever.
func printed(cmd *exec.Cmd, limit int) ([]byte, error) {
	out := limited{limit: limit, strict: true}
	cmd.Stdout, cmd.WaitDelay = &out, programPatience
	err := cmd.Run()
	if out.over {
		return nil, fmt.Errorf("over %d bytes long", limit)
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // it ended well, and had its say
	}
	return out.kept, err
}

// limited keeps the beginning of what is written. A strict one refuses more,
// which ends the program that writes; the other passes over it. It is no
// bytes.Buffer, which io.Copy would fill past all limits by itself.
type limited struct {
	kept         []byte
	limit        int
	strict, over bool
}

func (l *limited) Write(p []byte) (int, error) {
	fits := p[:min(len(p), l.limit-len(l.kept))]
	l.over = l.over || len(fits) < len(p)
	l.kept = append(l.kept, fits...)
	if l.over && l.strict {
		return len(fits), errors.New("too long")
	}
	return len(p), nil
}
