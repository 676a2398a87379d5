package main

import (
	"bytes"
	"strings"
	"testing"
)

// A log without line ends is printed as it comes, safely, and never held whole.
func TestLongLineOfALog(t *testing.T) {
	var out largest
	a := &app{stdout: &out}
	long := strings.Repeat("x", 1<<20)
	r := newLogReader(strings.NewReader("first\n" + long + "\x1b\nlast"))
	if err := a.copyLog(r); err != nil {
		t.Fatal(err)
	}
	if want := "first\n" + long + "\\x1b\nlast"; out.String() != want {
		t.Errorf("got %d bytes, want %d", out.Len(), len(want))
	}
	if out.most > 1<<16 {
		t.Errorf("%d bytes were held at once", out.most)
	}
}

// largest notes the largest write.
type largest struct {
	bytes.Buffer
	most int
}

func (l *largest) Write(p []byte) (int, error) {
	l.most = max(l.most, len(p))
	return l.Buffer.Write(p)
}

func (l *largest) WriteString(s string) (int, error) { return l.Write([]byte(s)) }
