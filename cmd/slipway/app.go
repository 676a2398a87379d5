package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"slipway/release/text"
)

// app is one invocation: where it reads and writes, and the flags that every
// verb shares.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer

	config string // --config: the slipway.yaml
	state  string // --state: journals and task logs
	cache  string // --cache: bytes and keyed results
}

// run executes the command line and returns the exit code. It is the only
// place that prints an error.
func (a *app) run(ctx context.Context, argv []string) int {
	out := &answer{w: a.stdout}
	if !isTerminal(a.stdout) { // the console wants the terminal itself
		a.stdout = out
	}
	root := a.root()
	root.SetArgs(asCompat(argv)[1:])
	err := root.ExecuteContext(ctx)
	if err == nil && out.err != nil {
		err = fmt.Errorf("the answer is not complete: %w", out.err)
	}
	if err == nil {
		return exitDone
	}
	// An error's own newlines are layout: independent failures, one a line. Words
	// of servers, archives and repositories are in it.
	fmt.Fprintf(a.stderr, "slipway: error: %s\n", hang(err.Error(), "  "))
	code, hint := codeOf(err)
	if hint != "" {
		fmt.Fprintf(a.stderr, "slipway: hint: %s\n", text.Sanitize(hint))
	}
	return code
}

// hang sets text of several lines below its beginning, safe to print.
func hang(s, indent string) string {
	return strings.ReplaceAll(text.SanitizeLines(s), "\n", "\n"+indent)
}

// answer remembers that it could not be written. Most verbs print line by line
// and go on: a full disk must not pass for an empty list.
type answer struct {
	w   io.Writer
	err error
}

func (o *answer) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "slipway",
		Short:         "takes a release from go-to-build to every user's machine",
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := worksHere(runtime.GOOS, cmd); err != nil {
				return err
			}
			// cobra asks this too, after the hook and in its own words.
			return missingFlags(cmd)
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
	root.SetFlagErrorFunc(wrongFlag)
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
	root.AddCommand(a.historyCommand(), a.reportCommand(), a.auditCommand(), a.rolloutCommand())
	root.AddCommand(a.manCommand(), a.demoCommand(), a.consoleCommand())
	root.AddCommand(a.cacheCommand())
	root.AddCommand(a.marCommand())
	root.AddCommand(a.authenticodeCommand())
	root.AddCommand(a.diffCommand())
	root.AddCommand(a.patchCommand())
	root.AddCommand(a.compatCommand())
	root.AddCommand(a.updatesCommand())
	a.addHelp(root)
	root.InitDefaultCompletionCmd()
	inOurWords(root)
	a.addCompletion(root)
	return root
}
