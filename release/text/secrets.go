package text

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"sync"
)

// Secrets is a list of words that must never be written.
type Secrets struct {
	mu    sync.RWMutex
	words []string
}

// minSecret guards against a short secret blanking out half of every log.
const minSecret = 4

const redacted = "[secret]"

// Add puts a secret on the list; one of several lines is known by each line.
func (s *Secrets) Add(secret string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for word := range strings.SplitSeq(secret, "\n") {
		if word = strings.TrimSpace(word); len(word) >= minSecret && !slices.Contains(s.words, word) {
			s.words = append(s.words, word)
		}
	}
	// Longest first: a secret that begins with another goes whole.
	slices.SortStableFunc(s.words, func(a, b string) int { return len(b) - len(a) })
}

// Redact returns line without the secrets in it.
func (s *Secrets) Redact(line string) string {
	if s == nil {
		return line
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, w := range s.words {
		line = strings.ReplaceAll(line, w, redacted)
	}
	return line
}

// Writer redacts what passes through it, line by line, so that a secret torn
// over two writes is still found. Close writes an unfinished last line.
func (s *Secrets) Writer(w io.Writer) io.WriteCloser {
	return &redactor{secrets: s, to: w}
}

type redactor struct {
	mu      sync.Mutex
	secrets *Secrets
	to      io.Writer
	rest    []byte
}

// maxLine bounds what is kept of a line without an end.
const maxLine = 64 << 10

func (r *redactor) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rest = append(r.rest, p...)
	cut := bytes.LastIndexByte(r.rest, '\n') + 1
	if cut == 0 && len(r.rest) > maxLine {
		// Keep a tail back, in which a secret may have begun.
		r.rest = []byte(r.secrets.Redact(string(r.rest)))
		cut = max(0, len(r.rest)-r.secrets.longest())
	}
	if cut == 0 {
		return len(p), nil
	}
	if _, err := io.WriteString(r.to, r.secrets.Redact(string(r.rest[:cut]))); err != nil {
		return 0, err
	}
	r.rest = append(r.rest[:0], r.rest[cut:]...)
	return len(p), nil
}

func (r *redactor) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.rest) == 0 {
		return nil
	}
	_, err := io.WriteString(r.to, r.secrets.Redact(string(r.rest))+"\n")
	r.rest = nil
	return err
}

func (s *Secrets) longest() int {
	if s == nil {
		return 0
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(s.words) == 0 {
		return 0
	}
	return len(s.words[0])
}
