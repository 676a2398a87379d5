package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"slipway/release/text"
)

// inOurWords replaces what cobra says of a wrong command line: which verb it
// was, what it wants, and a line that works. And it takes a word that is no
// verb for the slip that it is; cobra would print the help and call it done.
func inOurWords(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		inOurWords(sub)
	}
	count := cmd.Args
	switch {
	case !cmd.HasParent():
		cmd.Args = func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noVerb(cmd, args[0])
			}
			return nil
		}
	case cmd.HasSubCommands():
		cmd.DisableFlagsInUseLine = true
		cmd.Args = cobra.ArbitraryArgs
		cmd.RunE = func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noVerb(cmd, args[0])
			}
			return usage(fmt.Errorf("%s wants a verb: %s", cmd.CommandPath(), strings.Join(verbs(cmd), ", ")), helpFor(cmd))
		}
	case count != nil:
		cmd.Args = func(_ *cobra.Command, args []string) error {
			if count(cmd, args) != nil {
				return wrongCount(cmd, args)
			}
			if err := noneEmpty(args); err != nil {
				return usage(fmt.Errorf("%s wants %s; %w", cmd.CommandPath(), wants(cmd), err), helpFor(cmd))
			}
			return nil
		}
	}
}

func verbs(cmd *cobra.Command) []string {
	var names []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return names
}

func noVerb(cmd *cobra.Command, word string) error {
	err := fmt.Errorf("%s has no verb %q", cmd.CommandPath(), word)
	if near := text.Nearest(word, verbs(cmd)); near != "" {
		err = fmt.Errorf("%w; did you mean %s?", err, near)
	}
	return usage(err, helpFor(cmd))
}

// wants are the arguments of a verb, as its help has them.
func wants(cmd *cobra.Command) string {
	line, _, _ := strings.Cut(cmd.Use, "\n")
	if _, wants, _ := strings.Cut(line, " "); wants != "" {
		return wants
	}
	return "no argument"
}

// noneEmpty names what a script's variable that is not set leaves of an argument:
// the directory of such a name would be this one.
func noneEmpty(args []string) error {
	if i := slices.Index(args, ""); i >= 0 {
		return fmt.Errorf("argument %d is empty: is a variable not set?", i+1)
	}
	return nil
}

func wrongCount(cmd *cobra.Command, args []string) error {
	got := "nothing"
	if len(args) > 0 {
		got = fmt.Sprintf("%q", args)
	}
	return usage(fmt.Errorf("%s wants %s; got %s", cmd.CommandPath(), wants(cmd), got), helpFor(cmd))
}

// helpFor leads to a verb's own page, and shows a line that works.
func helpFor(cmd *cobra.Command) string {
	page := strings.TrimSpace("slipway help " + strings.TrimPrefix(cmd.CommandPath(), "slipway"))
	page = strings.Join(strings.Fields(page), " ")
	if cmd.Example == "" {
		return page
	}
	// An example that goes on in the next line says so at its end.
	first, _, _ := strings.Cut(strings.ReplaceAll(cmd.Example, "\\\n", " "), "\n")
	return page + "; for example: " + strings.Join(strings.Fields(first), " ")
}

// missingFlags are required flags that were not given.
func missingFlags(cmd *cobra.Command) error {
	var missing []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Annotations[cobra.BashCompOneRequiredFlag] != nil && !f.Changed {
			missing = append(missing, flagWithValue(f))
		}
	})
	if len(missing) == 0 {
		return nil
	}
	return usage(fmt.Errorf("%s needs %s", cmd.CommandPath(), strings.Join(missing, " and ")), helpFor(cmd))
}

func flagWithValue(f *pflag.Flag) string {
	value, _ := pflag.UnquoteUsage(f)
	return strings.TrimSpace("--" + f.Name + " " + value)
}

// wrongFlag says what is wrong with a flag.
func wrongFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var bare *pflag.ValueRequiredError
	var bad *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		err = fmt.Errorf("%s has no flag -%s", cmd.CommandPath(), unknown.GetSpecifiedName())
	case errors.As(err, &unknown):
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
		err = fmt.Errorf("%s has no flag --%s", cmd.CommandPath(), unknown.GetSpecifiedName())
		if near := text.Nearest(unknown.GetSpecifiedName(), known); near != "" {
			err = fmt.Errorf("%w; did you mean --%s?", err, near)
		}
	case errors.As(err, &bare):
		err = fmt.Errorf("%s: %s has no value", cmd.CommandPath(), flagWithValue(bare.GetFlag()))
	case errors.As(err, &bad):
		want := map[string]string{
			"int": "a whole number", "intSlice": "whole numbers", "bool": "true or false", "duration": "a duration such as 90s or 2h",
		}[bad.GetFlag().Value.Type()]
		err = fmt.Errorf("%s: --%s is %q; want %s", cmd.CommandPath(), bad.GetFlag().Name, bad.GetValue(), want)
	}
	return usage(err, helpFor(cmd))
}
