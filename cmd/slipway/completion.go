package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"slipway/release/engine"
)

// addCompletion lets the shell offer what a verb's usage line asks for: a word
// RELEASE is a release that ran here, PLAN a plan's file, and so on.
func (a *app) addCompletion(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		a.addCompletion(sub)
	}
	words := strings.Fields(cmd.Use)
	if !cmd.Runnable() || cmd.ValidArgsFunction != nil || len(words) < 2 {
		return
	}
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		word := words[len(words)-1]
		if i := len(args) + 1; i < len(words) {
			word = words[i]
		} else if !strings.HasSuffix(word, "…") {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return a.offer(cmd.Context(), strings.Trim(word, "[]…"), args)
	}
}

// offer lists what a word of a usage line may be. A journal that cannot be read
// offers nothing: a shell that completes is no place for errors.
func (a *app) offer(ctx context.Context, word string, args []string) ([]string, cobra.ShellCompDirective) {
	const none, files = cobra.ShellCompDirectiveNoFileComp, cobra.ShellCompDirectiveDefault
	switch word {
	case "RELEASE":
		return a.releaseNames(ctx), none
	case "PLAN|RELEASE":
		return a.releaseNames(ctx), files
	case "PLAN":
		return []string{"json"}, cobra.ShellCompDirectiveFilterFileExt
	case "MAR":
		return []string{"mar"}, cobra.ShellCompDirectiveFilterFileExt
	case "DIR":
		return nil, cobra.ShellCompDirectiveFilterDirs
	case "GATE", "TASK", "SEL":
		return a.taskNames(ctx, args[0], word == "GATE"), none
	}
	return nil, files
}

func (a *app) releaseNames(ctx context.Context) []string {
	j, err := a.readJournal()
	if err != nil {
		return nil
	}
	defer j.Close()
	runs, err := j.Runs(ctx)
	if err != nil {
		return nil
	}
	var names []string
	for _, r := range runs {
		names = append(names, r.ID)
	}
	return names
}

func (a *app) taskNames(ctx context.Context, release string, gates bool) []string {
	var names []string
	// What went wrong shows as nothing offered.
	_ = a.withTasks(ctx, release, func(_ *engine.Journal, snap *engine.Snapshot) error {
		if gates {
			for _, g := range snap.Gates {
				names = append(names, g.Task)
			}
			return nil
		}
		for _, t := range snap.Tasks {
			names = append(names, t.ID)
		}
		return nil
	})
	return names
}
