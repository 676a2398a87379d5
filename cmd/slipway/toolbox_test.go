package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestToolbox: on Windows whatever is not of the toolbox is refused, the bare
// console too; elsewhere nothing is.
func TestToolbox(t *testing.T) {
	root := (&app{}).root()
	for line, works := range map[string]bool{
		"": false, "run": false, "console": false, "demo": false, "rollout": false,
		"mar list": true, "compat mbsdiff": true, "cache verify": true, "version": true,
	} {
		cmd, _, err := root.Find(strings.Fields(line))
		if err != nil {
			t.Fatal(err)
		}
		if err := worksHere("linux", cmd); err != nil {
			t.Errorf("%q on Linux: %v", line, err)
		}
		if err := worksHere("windows", cmd); (err == nil) != works {
			t.Errorf("%q on Windows: %v", line, err)
		}
	}
	for _, name := range toolbox {
		known := func(c *cobra.Command) bool { return c.Name() == name }
		if !strings.HasPrefix(name, "__") && !slices.ContainsFunc(root.Commands(), known) {
			t.Errorf("no verb %q", name)
		}
	}
}
