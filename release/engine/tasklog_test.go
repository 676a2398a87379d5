package engine

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
	tail := l.Close()
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
