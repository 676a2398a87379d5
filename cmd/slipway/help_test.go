package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestHelpNamesEveryVerb: the first screen is written by hand; a verb that it
// forgets is never found, and one that it invents is never forgiven.
func TestHelpNamesEveryVerb(t *testing.T) {
	var said []string
	for _, line := range strings.Split(helpText, "\n") {
		for _, row := range []string{"A release ", "Its run ", "One stage ", "Files ", "More "} {
			if verbs, ok := strings.CutPrefix(line, row); ok {
				said = append(said, strings.Fields(strings.TrimSuffix(verbs, "exit-codes"))...)
			}
		}
	}
	var have []string
	root := (&app{}).root()
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		if c.Name() != "exit-codes" {
			have = append(have, c.Name())
		}
	}
	slices.Sort(said)
	slices.Sort(have)
	if !slices.Equal(said, have) {
		t.Errorf("help names\n%q\nand the verbs are\n%q", said, have)
	}
	for i, line := range strings.Split(helpText, "\n") {
		if n := len([]rune(line)); n > 80 || i > 23 {
			t.Errorf("line %d of help has %d columns; a screen is 80×24", i+1, n)
		}
	}
}

// TestExamplesParse: what a page of help shows as an example is a command that
// exists, with flags that exist.
func TestExamplesParse(t *testing.T) {
	var visit func(*cobra.Command)
	visit = func(c *cobra.Command) {
		// A line goes on behind a backslash, or inside quotes, where it is indented.
		whole := strings.NewReplacer("\\\n", " ", "\n     ", " ").Replace(c.Example)
		for line := range strings.Lines(whole) {
			words := strings.Fields(line)
			if len(words) < 2 || words[0] != "slipway" {
				t.Errorf("%s: example %q is no slipway command", c.CommandPath(), line)
				continue
			}
			root := (&app{stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}}).root()
			found, rest, err := root.Find(words[1:])
			// The console's page also shows slipway alone, which opens it.
			if err != nil || found != root && found.CommandPath() != c.CommandPath() {
				t.Errorf("%s: example %q calls %q, %v", c.CommandPath(), line, found.CommandPath(), err)
				continue
			}
			if err := found.ParseFlags(rest); err != nil {
				t.Errorf("%s: example %q: %v", c.CommandPath(), line, err)
			}
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit((&app{}).root())
}
