package release

import (
	"bytes"
	"io"
	"regexp"
)

// listener passes on what a program prints, and hears words in it.
type listener struct {
	w     io.Writer
	words []*regexp.Regexp
	line  []byte
	found bool
}

// maxHeard bounds a line that is listened to; the rest of a longer one is passed on.
const maxHeard = 64 << 10

func (l *listener) Write(p []byte) (int, error) {
	for rest := p; len(l.words) > 0 && len(rest) > 0; {
		part, _, ends := bytes.Cut(rest, []byte("\n"))
		l.line = append(l.line, part[:min(len(part), maxHeard-len(l.line))]...)
		if !ends {
			break
		}
		l.listen()
		rest = rest[len(part)+1:]
	}
	return l.w.Write(p)
}

func (l *listener) listen() {
	for _, w := range l.words {
		l.found = l.found || w.Match(l.line)
	}
	l.line = l.line[:0]
}

// heard tells whether one of the words was printed; a last line need not end.
func (l *listener) heard() bool {
	l.listen()
	return l.found
}
