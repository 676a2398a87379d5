package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"slipway/updates"
	"slipway/updates/mar"
)

// interrupted is the error of a verb that a signal ended, and nil if none did;
// left says how things stand.
func interrupted(ctx context.Context, err error, left string) error {
	code, how := endedBy(ctx)
	if code == exitDone || !errors.Is(err, context.Cause(ctx)) && !errors.Is(err, context.Canceled) {
		return nil
	}
	return fail(code, fmt.Errorf("%s; %s", how, left), "the same command again")
}

// isDirOrGone leaves what is not there, or cannot be looked at, to who opens it.
func isDirOrGone(path string) bool {
	info, err := os.Stat(path)
	return err != nil || info.IsDir()
}

func (a *app) marApplyCommand() *cobra.Command {
	var staged, running string
	var certs, channels []string
	var recovery bool
	cmd := &cobra.Command{
		Use:   "apply MAR DIR",
		Short: "update a directory as the updater does, all or nothing",
		Long: `Runs the package on DIR with the updater's own semantics. Any failure leaves DIR
as it was; after a crash the next apply, or --recover, undoes what was begun.
With --cert, --channel-id and --running the package must be one that the installed
application would take at all.`,
		Example: `  slipway mar apply 9.0-10.0.partial.mar firefox/
  slipway mar apply 9.0-10.0.partial.mar firefox/ --staged firefox-10/
  slipway mar apply --recover firefox/`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if recovery != (len(args) == 1) {
				return usage(errors.New("want MAR and DIR, or DIR alone with --recover"), "slipway mar apply --help")
			}
			for name, value := range map[string]string{"staged": staged, "running": running} {
				if cmd.Flags().Changed(name) && value == "" { // a script's variable that is not set
					return usage(fmt.Errorf("--%s is empty", name), "slipway mar apply --help")
				}
			}
			if recovery && (staged != "" || running != "" || len(certs)+len(channels) > 0) {
				return usage(errors.New("--recover looks at no package, so it takes no other flag"), "slipway mar apply --help")
			}
			if dir := args[len(args)-1]; !isDirOrGone(dir) {
				return usage(fmt.Errorf("%s is not a directory", dir), "slipway mar apply --help")
			}
			if recovery {
				return marError(updates.RecoverDir(args[0]))
			}
			keys, err := readPublicKeys(certs)
			if err != nil {
				return unread(err)
			}
			ctx, stop := interruptible(cmd.Context(), 0)
			defer stop()
			err = parsedMAR(args[0], func(archive *mar.Archive) error {
				if len(keys) > 0 {
					if err := mar.Verify(archive, keys, mar.VerifyOptions{}); err != nil {
						return err
					}
				}
				if err := archive.Admit(channels, running); err != nil {
					return err
				}
				if staged != "" {
					return updates.ApplyStaged(ctx, archive, args[1], staged)
				}
				return updates.ApplyDir(ctx, archive, args[1])
			})
			if err == nil {
				return nil
			}
			if stopped := interrupted(ctx, err, args[1]+" is as it was"); stopped != nil {
				return stopped
			}
			return fmt.Errorf("%s was not updated: %w", args[1], err)
		},
	}
	f := cmd.Flags()
	f.StringVar(&staged, "staged", "", "leave DIR alone and make the updated copy `OUT`")
	f.BoolVar(&recovery, "recover", false, "undo what an apply that was killed has begun")
	f.StringArrayVar(&certs, "cert", nil, "the package must be signed by the key of this `FILE` (repeatable)")
	f.StringArrayVar(&channels, "channel-id", nil, "channel `ID` that the application accepts (repeatable; default any)")
	f.StringVar(&running, "running", "", "`VERSION` of the installed application: an older package is refused")
	return cmd
}
