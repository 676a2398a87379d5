package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"slipway/release/engine"
	"slipway/release/text"
)

func (a *app) pauseCommand() *cobra.Command {
	return a.haltCommand("pause", "start nothing new; what runs finishes",
		"pause keeps a release from starting anything new. What runs finishes.")
}

func (a *app) resumeCommand() *cobra.Command {
	return a.haltCommand("resume", "lift a pause or a stop",
		"resume lifts a pause or a stop. If no engine runs the release, start one: slipway run RELEASE.")
}

func (a *app) haltCommand(verb, short, long string) *cobra.Command {
	var by, reason string
	cmd := &cobra.Command{
		Use:   verb + " RELEASE",
		Short: short,
		Long:  long,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.send(cmd.Context(), engine.Command{Run: args[0], Verb: verb, By: actor(by), Reason: reason})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` for those who wonder")
	byFlag(cmd, &by)
	return cmd
}

func (a *app) stopCommand() *cobra.Command {
	var by, reason, confirm string
	cmd := &cobra.Command{
		Use:   "stop RELEASE --reason TEXT --confirm VERSION",
		Short: "all stop: halt a candidate, cut what runs, give the lock back",
		Long: `stop halts a candidate for good: running tasks are cut short, no new ones begin,
and the lock on its product and channel is free for the next build. Approvals and
retries are refused. It does not take back what users already got, and a share that
is offered it goes on being so: "slipway rollout halt" ends that. "slipway resume"
lifts it.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.confirmed(cmd, args[0], confirm); err != nil {
				return err
			}
			err := a.send(cmd.Context(), engine.Command{Run: args[0], Verb: "stop", By: actor(by), Reason: reason})
			if err != nil {
				return err
			}
			if plan, _, err := a.planOf(cmd.Context(), args[0]); err == nil && plan.Config.Mail.From != "" {
				fmt.Fprintf(a.stderr, "nobody was told; next: slipway mail %s all-stop --send --reason %s --running \"…\" --decides \"…\"\n",
					args[0], text.ShellLine([]string{reason}))
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` for the record")
	cmd.Flags().StringVar(&confirm, "confirm", "", "the release's `VERSION`, typed to be sure")
	byFlag(cmd, &by)
	require(cmd, "reason", "confirm")
	return cmd
}

// confirmed holds a dangerous verb to the version that was typed.
func (a *app) confirmed(cmd *cobra.Command, name, version string) error {
	return a.withRun(cmd.Context(), name, func(_ *engine.Journal, run engine.Run) error {
		if version != run.Version {
			return usage(fmt.Errorf("--confirm %q, but %s is version %s", version, run.ID, run.Version), "")
		}
		return nil
	})
}
