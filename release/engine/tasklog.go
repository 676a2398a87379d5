package engine

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"slipway/release/text"
)

const (
	// tailLines is how much of a failed task's log goes into its error: a screen
	// that still leaves room for what surrounds it.
	tailLines = 20
	// tailLine bounds such a line in bytes: a build may print a file without one
	// line's end, and an error is kept in the journal for ever.
	tailLine = 4 << 10
	// maxLog bounds a log's file. Builds of browsers print tens of megabytes; one
	// that prints in a loop must not fill the disk that the journal lies on.
	maxLog = 256 << 20
)

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

	mu      sync.Mutex
	file    *os.File
	room    int // bytes that the file may still grow by
	leftOut int // bytes that found no room
	tail    []string
	rest    []byte // of a line that has not ended
	heard   time.Time
}

func newLog(path string, secrets *text.Secrets, now func() time.Time) *taskLog {
	l := &taskLog{path: path, now: now, heard: now(), room: maxLog}
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

// lastLines are those of what was written so far. A line that was not ended is:
// what is written next begins a new one.
func (l *taskLog) lastLines() []string {
	l.redact.Close() // lets go of a line that has no end
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.tail)
}

// Close ends the log. A file that could not take all ends in the last lines.
func (l *taskLog) Close() {
	tail := l.lastLines()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.leftOut > 0 {
		fmt.Fprintf(l.file, "\n[slipway] %d bytes are left out here; the last lines:\n%s\n", l.leftOut, strings.Join(tail, "\n"))
	}
	if l.file != nil {
		l.file.Close()
	}
}

// remember keeps the last lines of what passes, as much as is shown of each.
func (l *taskLog) remember(p []byte) {
	for len(p) > 0 {
		line, after, ended := bytes.Cut(p, []byte("\n"))
		if room := tailLine - len(l.rest); room > 0 {
			l.rest = append(l.rest, line[:min(room, len(line))]...)
			if len(line) > room {
				l.rest = append(l.rest, "…"...)
			}
		}
		if ended {
			l.keep()
		}
		p = after
	}
}

func (l *taskLog) keep() {
	if len(l.tail) == tailLines {
		l.tail = append(l.tail[:0], l.tail[1:]...)
	}
	l.tail = append(l.tail, strings.ToValidUTF8(string(l.rest), "…"))
	l.rest = l.rest[:0]
}

// keeper is what stands behind the redactor: file and tail.
type keeper struct{ l *taskLog }

func (k keeper) Write(p []byte) (int, error) {
	l := k.l
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.open(); err != nil {
		return 0, err
	}
	l.remember(p)
	fits := p[:min(l.room, len(p))]
	l.room -= len(fits)
	l.leftOut += len(p) - len(fits)
	if _, err := l.file.Write(fits); err != nil {
		return 0, err
	}
	return len(p), nil
}
