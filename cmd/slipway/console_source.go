package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"slipway/release/engine"
	"slipway/signing"
	"slipway/tui"
)

// consoleSource puts the journal, the cache and our own verbs behind the
// console.
type consoleSource struct {
	app *app
	cmd *cobra.Command
	j   *engine.Journal

	mu    sync.Mutex // a view is for one goroutine; polls may overlap
	views map[string]*engine.View
	memo  factsMemo
	keys  askedKeys
}

func newConsoleSource(a *app, cmd *cobra.Command, j *engine.Journal) *consoleSource {
	return &consoleSource{app: a, cmd: cmd, j: j, views: map[string]*engine.View{}}
}

// close ends what the console began and nobody waits for any more.
func (s *consoleSource) close() { s.keys.close() }

func (s *consoleSource) Runs(ctx context.Context) ([]engine.Run, error) { return s.j.Runs(ctx) }

func (s *consoleSource) Snapshot(ctx context.Context, run string) (*engine.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.views[run]
	if v == nil {
		var err error
		if v, err = s.j.View(ctx, run); err != nil {
			return nil, err
		}
		s.views[run] = v
	}
	return v.Refresh(ctx, time.Now())
}

func (s *consoleSource) History(ctx context.Context, run string, after int64) ([]engine.Event, error) {
	return s.j.History(ctx, run, after)
}

func (s *consoleSource) Chain(ctx context.Context, run string) (int64, error) {
	return s.j.VerifyChain(ctx, run)
}

// maxLogLine bounds one line of a log on the screen; a program may print
// megabytes without a line end.
const maxLogLine = 64 << 10

// Log keeps the last lines of a log that is read once from its start.
func (s *consoleSource) Log(_ context.Context, run, task string, attempt, lines int) (tui.Log, error) {
	l := tui.Log{Path: s.j.LogPath(run, task, attempt)}
	f, err := os.Open(l.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return tui.Log{}, nil // it has not said anything
	}
	if err != nil {
		return l, err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, maxLogLine)
	for {
		line, err := in.ReadSlice('\n')
		if len(line) > 0 {
			l.Total++
			l.Lines = append(l.Lines, strings.TrimRight(string(line), "\r\n"))
			if len(l.Lines) > 2*lines { // cut rarely, so that each line moves once at most
				l.Lines = append(l.Lines[:0], l.Lines[len(l.Lines)-lines:]...)
			}
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			break
		}
	}
	l.Lines = l.Lines[max(0, len(l.Lines)-lines):]
	return l, nil
}

// Send hands a command to the engine. Where none runs, and the command gives
// the release something to do, one is started.
func (s *consoleSource) Send(ctx context.Context, c engine.Command) (string, error) {
	said, err := s.j.Send(ctx, c, time.Now)
	if err != nil {
		return said, err
	}
	switch c.Verb {
	case "approve", "retry", "resume":
		run, err := s.j.Run(ctx, c.Run)
		if err != nil || run.Driven() {
			return said, err
		}
		if _, err := s.Exec(ctx, []string{"run", c.Run, "--detach"}); err != nil {
			return said, err
		}
		said, _, _ = strings.Cut(said, "\n") // the hint to start an engine has had its answer
		said += "; the engine was started"
	}
	return said, nil
}

// Product reads slipway.yaml again: somebody may have begun one by now.
func (s *consoleSource) Product() tui.Product { return s.app.product(s.cmd) }

// Keep writes what was copied beside the journal, where no terminal can lose it.
func (s *consoleSource) Keep(_ context.Context, text string) (string, error) {
	path := filepath.Join(s.app.statePlace().path, "clipboard")
	return path, os.WriteFile(path, []byte(text), 0o600)
}

// Exec runs one of our verbs in a process of its own, with the same places.
func (s *consoleSource) Exec(ctx context.Context, args []string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	places := []string{"--state", s.app.statePlace().path, "--cache", s.app.cachePlace().path, "--config", s.app.configPlace(s.cmd).path}
	cmd := exec.CommandContext(ctx, self, append(places, args...)...)
	signing.HandOn(cmd)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // it ends what it started
	out, err := cmd.CombinedOutput()
	text := strings.TrimSpace(string(out))
	if err != nil {
		return "", fmt.Errorf("%s", lastLine(text, err))
	}
	return lastLine(text, nil), nil
}

// lastLine is the end of what a verb said: its error or its answer.
func lastLine(text string, err error) string {
	lines := strings.Split(text, "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if line := strings.TrimSpace(lines[i]); line != "" && (err == nil || strings.Contains(line, "error:")) {
			return strings.TrimPrefix(line, "slipway: error: ")
		}
	}
	if err != nil {
		return err.Error()
	}
	return ""
}
