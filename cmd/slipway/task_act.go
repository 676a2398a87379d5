package main

import (
	"errors"

	"github.com/spf13/cobra"

	"slipway/release/engine"
)

func (a *app) cancelCommand() *cobra.Command {
	var by, reason string
	cmd := &cobra.Command{
		Use:   "cancel RELEASE SEL…",
		Short: "give tasks up; what needs them is blocked until a retry",
		Args:  cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if reason == "" {
				return usage(errors.New("no reason: others will wonder why"), `add --reason "…"`)
			}
			return a.send(cmd.Context(), engine.Command{Run: args[0], Verb: "cancel", By: actor(by), Reason: reason, Select: byName(args[1:])})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` for the record")
	byFlag(cmd, &by)
	return cmd
}

func (a *app) urgentCommand() *cobra.Command {
	var by string
	var urgency int
	cmd := &cobra.Command{
		Use:   "urgent RELEASE SEL…",
		Short: "let tasks go before the others of their pool, while this engine runs",
		Args:  cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.send(cmd.Context(), engine.Command{Run: args[0], Verb: "priority", By: actor(by), Urgency: urgency, Select: byName(args[1:])})
		},
	}
	cmd.Flags().IntVar(&urgency, "urgency", 1, "`N` above 0 goes before, below 0 behind what has none")
	byFlag(cmd, &by)
	return cmd
}
