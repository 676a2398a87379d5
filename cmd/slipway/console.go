package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/tui"
)

// consoleFlags say how the console looks and what it may do.
type consoleFlags struct {
	readOnly, ascii, accessible bool

	color string
}

func (f *consoleFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.BoolVar(&f.readOnly, "read-only", false, "look, and act on nothing")
	fl.BoolVar(&f.ascii, "ascii", false, "draw with plain ASCII")
	fl.BoolVar(&f.accessible, "accessible", false, "talk in lines and numbered choices, for screen readers; also ACCESSIBLE=1")
	fl.StringVar(&f.color, "color", "auto", "`WHEN` to use colours: auto, always or never")
}

func (a *app) consoleCommand() *cobra.Command {
	var f consoleFlags
	var keys bool
	cmd := &cobra.Command{
		Use:   "console [RELEASE]",
		Short: "open the console, on a terminal; the same as slipway alone",
		Long: `The console shows the journal and acts through the same commands as the verbs
do. The engine is a process of its own: leaving the console stops nothing, and
any number of consoles may look at a release. docs/console.md has pictures.`,
		Example: `  slipway console skiff-10.0-build1 --read-only
  slipway --accessible`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if keys {
				var env tui.Env
				if err := settings(&env); err != nil {
					return err
				}
				_, err := io.WriteString(a.stdout, env.Keys.Markdown())
				return err
			}
			if !a.onTerminal() && !f.talks() {
				return usage(errors.New("the console needs a terminal that is not dumb"), "slipway ls")
			}
			return a.console(cmd, strings.Join(args, ""), f)
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&keys, "keys", false, "print the key map as a Markdown table")
	return cmd
}

// onTerminal tells whether a console can be drawn and typed into.
func (a *app) onTerminal() bool {
	return isTerminal(a.stdout) && isTerminal(a.stdin) && os.Getenv("TERM") != "dumb" && os.Getenv("TERM") != ""
}

func (a *app) console(cmd *cobra.Command, run string, f consoleFlags) error {
	j, err := a.openJournal()
	if err != nil {
		return err
	}
	defer j.Close()
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	env := tui.Env{
		Now: time.Now, User: actor(""), Host: host, ReadOnly: f.readOnly, Flags: places(cmd),
		Tmux: os.Getenv("TMUX") != "", Screen: os.Getenv("STY") != "", Product: a.product(cmd), Self: self,
	}
	if env.Look, err = f.look(os.Getenv); err != nil {
		return usage(err, "slipway help console")
	}
	if err := settings(&env); err != nil {
		return err
	}
	src := newConsoleSource(a, cmd, j)
	defer src.close()
	if f.talks() {
		err := tui.NewTalk(env, src, a.stdin, a.stdout).Run()
		if errors.Is(err, tui.ErrEnded) {
			return usage(err, "slipway help console")
		}
		return err
	}
	err = tui.Run(cmd.Context(), tui.New(env, src, run), a.stdin, a.stdout)
	var crash *tui.Crash
	if errors.As(err, &crash) {
		return fail(exitInternal, err, "releases go on without it; report the text above, and open it again: slipway")
	}
	return err
}

// talks tells whether the console is for ears. ACCESSIBLE is the variable that
// huh and gh look at.
func (f *consoleFlags) talks() bool {
	return f.accessible || os.Getenv("ACCESSIBLE") != "" && os.Getenv("ACCESSIBLE") != "0"
}

// places are the flags that say where things lie, as the user gave them.
func places(cmd *cobra.Command) []string {
	var out []string
	for _, name := range []string{"config", "state", "cache"} {
		if f := cmd.Flags().Lookup(name); f != nil && f.Changed {
			out = append(out, "--"+name, f.Value.String())
		}
	}
	return out
}

// look reads what the terminal wants; getenv is os.Getenv but in tests.
func (f *consoleFlags) look(getenv func(string) string) (tui.Look, error) {
	l := tui.Look{ASCII: f.ascii || !utf8Locale(getenv)}
	switch f.color {
	case "always":
		l.Color = true
	case "never":
	case "auto":
		// CLICOLOR=0 and NO_COLOR ask the same (bixense.com/clicolors, no-color.org).
		l.Color = getenv("NO_COLOR") == "" && getenv("CLICOLOR") != "0"
	default:
		return l, fmt.Errorf("--color=%s: want auto, always or never", f.color)
	}
	return l, nil
}

// utf8Locale tells whether the locale's encoding is UTF-8; POSIX says which
// variable wins.
func utf8Locale(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(getenv(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return true // nothing is said: today's terminals
}

// product is what slipway.yaml says, as far as it can be read.
func (a *app) product(cmd *cobra.Command) tui.Product {
	file, err := release.Load(a.configPlace(cmd).path)
	if err != nil {
		return tui.Product{}
	}
	return tui.Product{Config: file.Path, Name: file.Config.Product, Title: file.Config.DisplayName}
}
