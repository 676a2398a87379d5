package main

import (
	"fmt"
	"slices"
	"strings"

	mango "github.com/muesli/mango-cobra"
	"github.com/muesli/roff"
	"github.com/spf13/cobra"
)

// helpText is written by hand: it fits a screen of 80×24 and shows one whole
// release. Every verb's own page has its flags.
const helpText = `slipway takes a release from "go to build" to every user's machine.

  slipway plan 10.0 --build 1 --rev 3f1c9a7e02d4…  pin everything, write a plan
  slipway check plans/skiff-10.0-build1.json       preflight: every finding
  slipway run plans/skiff-10.0-build1.json         tag, build, repack, sign …
  slipway approve skiff-10.0-build1 push --as coordinator --reason "QA is green"

A release   init  config  plan  check  run  approve  reject  revoke  rollout
Its run     ls status watch task retry pause resume stop history report audit
One stage   tag  source  build  repack  partner  sign  snippets  publish  verify
Files       mar  diff  patch  updates  authenticode  cache  compat
More        console  demo  mail  version  completion  man  help exit-codes

Without a verb, on a terminal, the console opens. Interrupting a run is safe:
the same command goes on where it stopped. "slipway VERB --help" tells the rest;
"slipway demo" ships a real little product in a minute.
`

const exitCodeText = `  0  done as asked                      7  a check or verification failed
  1  internal error                     8  conflict: lock, tag, changed plan
  2  bad usage                          9  some tasks failed under --keep-going
  3  configuration invalid             10  infrastructure unreachable; try later
  4  not allowed                      124  --timeout ran out
  5  held at a gate, or paused        130  interrupted (143: terminated);
  6  tasks failed                          the run can be resumed
`

// manText is what the manual page says before it lists every verb; the
// generator sets paragraphs, not tables.
const manText = `Plans, runs, gates and ships releases: slipway plan pins every revision, locale and prior release; slipway check is the preflight; slipway run tags, builds, repacks, signs, makes updates, verifies and publishes, and waits at gates for slipway approve. Interrupted or killed, the same command goes on where it stopped.
Without a verb, on a terminal, the console opens. The answer is on standard output, talk on standard error; --json gives JSON lines. slipway help shows a worked example, slipway help exit-codes what the exit codes mean.`

// addHelp replaces cobra's root page; the pages of verbs stay generated.
func (a *app) addHelp(root *cobra.Command) {
	generated := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		if cmd == root {
			fmt.Fprint(a.stdout, helpText)
			return
		}
		generated(cmd, args)
	})
	root.AddCommand(&cobra.Command{
		Use:   "exit-codes",
		Short: "what slipway's exit codes mean",
		Long:  exitCodeText, // a command without Run is a help topic
	})
	root.InitDefaultHelpCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == "help" {
			cmd.Run = nil
			cmd.RunE = func(_ *cobra.Command, args []string) error { return helpOn(root, args) }
		}
	}
}

// helpOn prints a verb's page. cobra's own would answer any word with success.
func helpOn(root *cobra.Command, words []string) error {
	cmd := root
	for _, word := range words {
		i := slices.IndexFunc(cmd.Commands(), func(c *cobra.Command) bool { return c.Name() == word })
		if i < 0 {
			return noVerb(cmd, word)
		}
		cmd = cmd.Commands()[i]
	}
	cmd.InitDefaultHelpFlag() // which cobra adds when a command runs
	return cmd.Help()
}

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man",
		Short: "print the manual page, in roff",
		Long:  "Prints the manual page. To read it: slipway man | man -l -",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			page, err := mango.NewManPage(1, cmd.Root())
			if err != nil {
				return err
			}
			page = page.WithLongDescription(manText)
			// Backticks mark a flag's value for --help; a page has no use for them.
			fmt.Fprint(a.stdout, strings.ReplaceAll(page.Build(roff.NewDocument()), "`", ""))
			return nil
		},
	}
}
