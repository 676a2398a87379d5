package main

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"
)

// toolbox are the verbs that need no release: files, the cache, and what tells
// of slipway itself. The others need what only Unix has: process groups, file
// modes, a terminal of its kind, and git, gpg and build steps that expect these.
var toolbox = []string{
	"mar", "diff", "patch", "updates", "authenticode", "cache", "compat",
	"version", "completion", "man", "help", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd,
}

// worksHere refuses, on Windows, what is not of the toolbox.
func worksHere(system string, cmd *cobra.Command) error {
	if system != "windows" {
		return nil
	}
	for cmd.HasParent() && cmd.Parent().HasParent() {
		cmd = cmd.Parent()
	}
	if slices.Contains(toolbox, cmd.Name()) {
		return nil
	}
	return usage(errors.New("releases and the console do not run on Windows; the toolbox does: mar, diff, patch, updates, authenticode, cache, compat"),
		"run releases on Linux or macOS; slipway mar --help")
}
