package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

func (a *app) retryCommand() *cobra.Command {
	var by, stage string
	cmd := &cobra.Command{
		Use:   "retry RELEASE [SEL]…",
		Short: "try failed tasks again, all or a selection, while the rest goes on",
		Long: `retry asks once more for what failed, with fresh attempts; what it blocked
becomes free again. SEL narrows it: a task's name or a part of it, patterns such as
repack/*/de, or fields such as platform:win64 class:infra.`,
		Example: `  slipway retry skiff-10.0-build1
  slipway retry skiff-10.0-build1 platform:win64 class:infra
  slipway retry skiff-10.0-build1 repack/win64/ja`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			words := args[1:]
			if stage != "" {
				words = append(words, "stage:"+stage)
			}
			if len(words) == 0 {
				words = []string{"state:failed,retrying"}
			}
			err := a.send(cmd.Context(), engine.Command{Run: args[0], Verb: "retry", By: actor(by), Select: byName(words)})
			if len(args) == 1 && stage == "" && errors.Is(err, pipeline.ErrNoSuchTask) {
				return usage(fmt.Errorf("nothing of %s has failed", args[0]), "slipway status "+args[0])
			}
			return err
		},
	}
	cmd.Flags().StringVar(&stage, "stage", "", "only tasks of `STAGE`")
	byFlag(cmd, &by)
	return cmd
}
