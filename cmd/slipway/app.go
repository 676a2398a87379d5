package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// app is one invocation: where it reads and writes, and the flags that every
// verb shares.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer

	config string // --config: the slipway.yaml
	state  string // --state: journals and task logs
	cache  string // --cache: bytes and keyed results

	began bool // a verb's own code was reached: what failed before is bad usage
}

// run executes the command line and returns the exit code. It is the only
// place that prints an error.
func (a *app) run(ctx context.Context, argv []string) int {
	root := a.root()
	root.SetArgs(asCompat(argv)[1:])
	verb, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	// An error's own newlines are layout: independent failures, one a line.
	fmt.Fprintf(a.stderr, "slipway: error: %s\n", strings.ReplaceAll(err.Error(), "\n", "\n  "))
	var e *exitError
	if errors.As(err, &e) {
		if e.hint != "" {
			fmt.Fprintf(a.stderr, "slipway: hint: %s\n", e.hint)
		}
		return e.code
	}
	if !a.began {
		fmt.Fprintf(a.stderr, "slipway: hint: %s\n", strings.Replace(verb.CommandPath(), "slipway", "slipway help", 1))
		return exitUsage
	}
	return exitInternal
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "slipway",
		Short:         "takes a release from go-to-build to every user's machine",
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			// cobra asks this after the hook, where it would count as our own failure.
			err := cmd.ValidateRequiredFlags()
			a.began = err == nil
			return err
		},
	}
	var console consoleFlags
	console.add(root)
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if a.onTerminal() || console.talks() {
			return a.console(cmd, "", console)
		}
		return cmd.Help()
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage(err, "slipway help "+strings.TrimPrefix(cmd.CommandPath(), "slipway "))
	})
	f := root.PersistentFlags()
	f.StringVar(&a.config, "config", "slipway.yaml", "the product's configuration `FILE`")
	f.StringVar(&a.state, "state", "", "`DIR` for journals and task logs (default $XDG_STATE_HOME/slipway)")
	f.StringVar(&a.cache, "cache", "", "`DIR` for cached bytes (default $XDG_CACHE_HOME/slipway)")
	// Each verb has a file of its own and one line here.
	root.AddCommand(a.versionCommand())
	root.AddCommand(a.initCommand(), a.configCommand(), a.planCommand(), a.checkCommand(), a.mailCommand())
	root.AddCommand(a.stageCommands()...)
	root.AddCommand(a.runCommand(), a.watchCommand(), a.statusCommand(), a.lsCommand(), a.taskCommand(), a.retryCommand())
	root.AddCommand(a.pauseCommand(), a.resumeCommand(), a.stopCommand(), a.approveCommand(), a.rejectCommand(), a.revokeCommand())
	root.AddCommand(a.historyCommand(), a.auditCommand())
	root.AddCommand(a.manCommand(), a.demoCommand(), a.consoleCommand())
	root.AddCommand(a.cacheCommand())
	root.AddCommand(a.marCommand())
	root.AddCommand(a.diffCommand())
	root.AddCommand(a.patchCommand())
	root.AddCommand(a.compatCommand())
	root.AddCommand(a.updatesCommand())
	a.addHelp(root)
	a.addCompletion(root)
	return root
}
