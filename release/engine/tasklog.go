package engine

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"slipway/release/text"
)

// tailLines is how much of a failed task's log goes into its error: a screen
// that still leaves room for what surrounds it.
const tailLines = 20

// LogPath is the log of one attempt of a task.
func (j *Journal) LogPath(run, task string, attempt int) string {
	return filepath.Join(j.dir, "logs", run, filepath.FromSlash(task)+fmt.Sprintf(".%d.log", attempt))
}

// taskLog is the log of one attempt: a file, made at the first line, its last
// lines, and when something was last heard. Secrets are taken out before
// anything is kept.
type taskLog struct {
	path   string
	redact io.WriteCloser
	now    func() time.Time

	mu    sync.Mutex
	file  *os.File
	tail  []string
	rest  string
	heard time.Time
}

func newLog(path string, secrets *text.Secrets, now func() time.Time) *taskLog {
	l := &taskLog{path: path, now: now, heard: now()}
	l.redact = secrets.Writer(keeper{l})
	return l
}

func (l *taskLog) open() error {
	if l.file != nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(l.path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	l.file = f
	return err
}

// Write takes the task's output; it may come from several goroutines.
func (l *taskLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	l.heard = l.now()
	l.mu.Unlock()
	return l.redact.Write(p)
}

func (l *taskLog) touch() {
	l.mu.Lock()
	l.heard = l.now()
	l.mu.Unlock()
}

func (l *taskLog) lastHeard() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.heard
}

// Close ends the log and returns its last lines.
func (l *taskLog) Close() []string {
	l.redact.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		l.file.Close()
	}
	if l.rest != "" {
		l.keep(l.rest)
		l.rest = ""
	}
	return l.tail
}

func (l *taskLog) keep(line string) {
	if len(l.tail) == tailLines {
		l.tail = append(l.tail[:0], l.tail[1:]...)
	}
	l.tail = append(l.tail, line)
}

// keeper is what stands behind the redactor: file and tail.
type keeper struct{ l *taskLog }

func (k keeper) Write(p []byte) (int, error) {
	k.l.mu.Lock()
	defer k.l.mu.Unlock()
	if err := k.l.open(); err != nil {
		return 0, err
	}
	lines := strings.Split(k.l.rest+string(p), "\n")
	k.l.rest = lines[len(lines)-1]
	for _, line := range lines[:len(lines)-1] {
		k.l.keep(line)
	}
	return k.l.file.Write(p)
}
