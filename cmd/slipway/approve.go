package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"slipway/release/engine"
)

func (a *app) approveCommand() *cobra.Command {
	cmd := a.signCommand("approve", "RELEASE GATE --as ROLE --reason TEXT", "say yes at a gate, as a role, for exactly these bytes",
		`approve records that a person, in a role, says yes to what a gate guards: the
plan and the outputs behind it, named by one digest. If any of that changes, the
gate closes again and earlier approvals do not count. One person signs once. A
gate that is not reached cannot be approved: nobody has seen what it guards yet.`)
	cmd.Example = `  slipway approve skiff-10.0-build1 push --as coordinator --reason "QA is green"
  slipway approve skiff-10.0-build1 ship --as qa --reason "bug 1999001" --confirm 10.0`
	return cmd
}

func (a *app) rejectCommand() *cobra.Command {
	return a.signCommand("reject", "RELEASE GATE --as ROLE --reason TEXT", "say no at a gate; what it guards stays closed",
		`reject records a no. The gate fails, and what needs it is blocked, until the
person takes the word back (slipway revoke) or the gate is asked again
(slipway retry RELEASE GATE).`)
}

func (a *app) revokeCommand() *cobra.Command {
	return a.signCommand("revoke", "RELEASE GATE", "take back one's own word at a gate, until it took effect",
		`revoke takes back an approval or a rejection of one's own. Once a task behind
the gate began, an approval took effect and cannot be taken back.`)
}

func (a *app) signCommand(verb, args, short, long string) *cobra.Command {
	var role, reason, confirm, key, by string
	cmd := &cobra.Command{
		Use:   verb + " " + args,
		Short: short,
		Long:  long,
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if verb != "revoke" {
				switch {
				case role == "":
					return usage(errors.New("no role: a sign-off is given as somebody"), "slipway status "+args[0]+" shows which roles the gate waits for; add --as ROLE")
				case reason == "":
					return usage(errors.New("no reason: it is part of the record"), `add --reason "…"`)
				}
			}
			if confirm != "" {
				if err := a.confirmed(cmd, args[0], confirm); err != nil {
					return err
				}
			}
			soaked := ""
			if verb == "approve" {
				soaked = a.soakBefore(cmd.Context(), args[0], args[1])
			}
			err := a.send(cmd.Context(), engine.Command{Run: args[0], Verb: verb, Gate: args[1], Role: role, By: actor(by), Reason: reason, Key: key})
			if err == nil && soaked != "" {
				fmt.Fprintln(a.stdout, soaked)
			}
			return err
		},
	}
	fl := cmd.Flags()
	if verb != "revoke" {
		fl.StringVar(&role, "as", "", "the `ROLE` that this person fills")
		fl.StringVar(&reason, "reason", "", "`TEXT` for the record")
		fl.StringVar(&key, "key", "", "refuse unless the gate guards exactly `DIGEST`, as status --json showed it")
	}
	fl.StringVar(&confirm, "confirm", "", "the release's `VERSION`, typed to be sure")
	byFlag(cmd, &by)
	return cmd
}
