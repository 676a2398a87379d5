package main

import (
	"bytes"
	"strings"
	"testing"
)

// Errors carry the words of servers, archives and repositories: none of them may
// act on the terminal.
func TestErrorsDoNotActOnTheTerminal(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	a := &app{stdout: &said, stderr: &said}
	code := a.run(t.Context(), []string{"slipway", "config", "check", "--config", "no\x1b]0;title\x07such\u202e.yaml"})
	if code != exitConfig || strings.ContainsAny(said.String(), "\x1b\x07\u202e") || !strings.Contains(said.String(), `no\x1b]0;title\x07such\u202e.yaml`) {
		t.Errorf("code %d, said %q", code, said.String())
	}
}
