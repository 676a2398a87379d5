package main

import (
	"strings"

	"github.com/spf13/cobra"

	"slipway/release"
)

// stageShort says what each stage does, on its own page and in the help.
var stageShort = map[string]string{
	"tag":      "tag every repository, and nothing after it",
	"source":   "make the source archive",
	"build":    "build the platforms, or import what was built",
	"repack":   "repack the locales",
	"partner":  "repack the partners",
	"sign":     "sign the deliverables and list their checksums",
	"snippets": "write the answers to clients, and publish them on the test channels",
	"verify":   "apply every update, compare locales, compare the candidates directory",
	"publish":  "publish the candidate",
}

// stageCommands are the stages as verbs. Each is "slipway run" with a scope:
// the same engine, gates and checks, the stage and what it needs.
func (a *app) stageCommands() []*cobra.Command {
	var list []*cobra.Command
	for _, stage := range release.Stages {
		if short, ok := stageShort[stage]; ok {
			list = append(list, a.stageCommand(stage, short))
		}
	}
	return list
}

func (a *app) stageCommand(stage, short string) *cobra.Command {
	var f runFlags
	var platform, locale string
	cmd := &cobra.Command{
		Use:     stage + " PLAN|RELEASE",
		Short:   short,
		Long:    "Runs the stage " + stage + " of a release, and what it needs that is not done yet; then ends.\nIt is \"slipway run --only stage:" + stage + "\".",
		Example: "  slipway " + stage + " plans/skiff-10.0-build1.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.only = []string{stageSelection(stage, platform, locale)}
			return a.runRelease(cmd.Context(), args[0], f)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&platform, "platform", "", "only these `PLATFORMS`, with * and commas")
	fl.StringVar(&locale, "locale", "", "only these `LOCALES`, with * and commas")
	fl.BoolVar(&f.noWait, "no-wait", false, "end at a gate, or paused, instead of waiting there")
	byFlag(cmd, &f.by)
	fl.StringVar(&f.why, "why", "", "`TEXT` that others read who meet the lock")
	workersFlag(cmd, &f.workers)
	f.show.add(cmd)
	return cmd
}

func stageSelection(stage, platform, locale string) string {
	words := []string{"stage:" + stage}
	if platform != "" {
		words = append(words, "platform:"+platform)
	}
	if locale != "" {
		words = append(words, "locale:"+locale)
	}
	return strings.Join(words, " ")
}
