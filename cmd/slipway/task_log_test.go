package main

import (
	"bytes"
	"strings"
	"testing"
)

// A log without line ends is printed as it comes, safely, and never held whole.
func TestLongLineOfALog(t *testing.T) {
	var out bytes.Buffer
	a := &app{stdout: &out}
	long := strings.Repeat("x", 1<<20)
	r := newLogReader(strings.NewReader("first\n" + long + "\x1b\nlast"))
	if err := a.copyLog(r); err != nil {
		t.Fatal(err)
	}
	if want := "first\n" + long + "\\x1b\nlast"; out.String() != want {
		t.Errorf("got %d bytes, want %d", out.Len(), len(want))
	}
	if r.Size() > 1<<16 {
		t.Errorf("the reader grew to %d bytes", r.Size())
	}
}
