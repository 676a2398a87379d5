package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/release/pipeline"
)

// A build that prints without end fills neither the disk nor the memory, and
// its log still ends with its last words.
func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "t.1.log")
	l := newLog(path, nil, time.Now)
	l.room = 1000
	for range 100 {
		if _, err := l.Write([]byte("so many words\n")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Write(bytes.Repeat([]byte("x"), 1<<20)); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Write([]byte(" and a line's end\nlast words\n")); err != nil {
		t.Fatal(err)
	}
	tail := l.lastLines()
	l.Close()
	if len(tail) != tailLines || tail[tailLines-1] != "last words" || tail[0] != "so many words" {
		t.Errorf("tail of %d lines, %.20q … %q", len(tail), tail[0], tail[len(tail)-1])
	}
	if long := tail[tailLines-2]; len(long) > tailLine+len("…") || !strings.HasSuffix(long, "x…") {
		t.Errorf("the long line has %d bytes and ends in %q", len(long), long[len(long)-8:])
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > 1000+tailLines*tailLine {
		t.Errorf("the file has %d bytes", len(text))
	}
	if want := " bytes are left out here; the last lines:\n"; !bytes.Contains(text, []byte(want)) || !bytes.HasSuffix(text, []byte("\nlast words\n")) {
		t.Errorf("the file ends in %q", text[max(0, len(text)-100):])
	}
}

// What a program said last may lack a line's end: it is the cause all the same,
// and what slipway writes behind it stands on a line of its own.
func TestFailureKeepsUnendedLine(t *testing.T) {
	t.Parallel()
	j := testJournal(t)
	w := &world{do: func(_ context.Context, c pipeline.Call) error {
		fmt.Fprint(c.Log, "linking\nno room for symbols")
		return errors.New("exit status 1\nof the linker")
	}}
	e := Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	if _, err := e.Run(t.Context(), testSpec(testGraph("de"))); err != nil {
		t.Fatal(err)
	}
	want(t, "trouble", snapshot(t, j).Tasks[0].Trouble.Text,
		"exit status 1\nof the linker\nthe last lines of its log:\n  linking\n  no room for symbols")
	log, err := os.ReadFile(j.LogPath(testRun, "de", 1))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(log); !strings.HasPrefix(got, "linking\nno room for symbols\n[slipway] attempt 1 failed") {
		t.Errorf("the log is %q", got)
	}
}
