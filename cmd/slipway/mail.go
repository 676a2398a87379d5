package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/release/engine"
	"slipway/release/mail"
)

func (a *app) mailCommand() *cobra.Command {
	var told release.Told
	var send, again bool
	var f runFlags
	cmd := &cobra.Command{
		Use:   "mail PLAN|RELEASE [KIND]",
		Short: "write a mail about a release, or run its mail stage",
		Long: `Without a kind, runs the mails of a release's graph that are due. With one,
prints that mail; --send delivers it as slipway.yaml says, to files or by SMTP.

Kinds: go-to-build, all-stop, urgency-changed, build-submitted, stage-started,
stage-done, stage-failed, candidates-ready, signoff-needed, updates-available,
push-request, pushed, ship-request, shipped, av-vendors.`,
		Example: `  slipway mail plans/skiff-10.0-build1.json go-to-build --who "A. Smith"
  slipway mail skiff-10.0-build1 all-stop --send --who "A. Smith" \
    --reason "crash on start" --running "builds end" --decides "release drivers"`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				f.only, f.noWait = []string{"stage:mail"}, true
				return a.runRelease(cmd.Context(), args[0], f)
			}
			return a.oneMail(cmd, args[0], mail.Kind(args[1]), told, send, again)
		},
	}
	fl := cmd.Flags()
	fl.BoolVar(&send, "send", false, "deliver it instead of printing it")
	fl.StringVar(&told.Who, "who", "", "`NAME` of who says this")
	fl.StringVar(&told.Role, "as", "", "their `ROLE`")
	fl.StringVar(&told.Reason, "reason", "", "`TEXT`: why")
	fl.StringVar(&told.Running, "running", "", "all-stop: `TEXT` on what happens to running jobs")
	fl.StringVar(&told.Decides, "decides", "", "all-stop: `WHO` decides what comes next")
	fl.StringVar(&told.Stage, "stage", "", "stage-*: the `STAGE`")
	fl.StringVar(&told.Urgency, "urgency", "", "urgency-changed: `URGENCY` from now on, routine or chemspill (default: the plan's)")
	fl.StringVar(&told.Channel, "channel", "", "push-request, ship-request, updates-available: `CHANNEL` that it is about (default: by slipway.yaml)")
	fl.BoolVar(&again, "again", false, "send it once more, with a number, although it was sent")
	f.workers = 1
	f.show.add(cmd)
	return cmd
}

func (a *app) oneMail(cmd *cobra.Command, name string, kind mail.Kind, told release.Told, send, again bool) error {
	plan, root, err := a.planOf(cmd.Context(), name)
	if err != nil {
		return err
	}
	if plan.Config.Mail.From == "" {
		return fail(exitConfig, fmt.Errorf("%s has nobody to tell: its slipway.yaml has no mail", plan.Candidate), "slipway init shows how mail is set up")
	}
	m, err := release.ComposeMail(plan, kind, told, time.Now())
	if err != nil {
		return usage(err, "slipway help mail")
	}
	if !send {
		text, err := m.EML()
		if err != nil {
			return err
		}
		_, err = a.stdout.Write(text)
		return err
	}
	env, err := a.releaseEnv(root)
	if err != nil {
		return err
	}
	defer env.Store.Close()
	subject, err := env.DeliverMail(cmd.Context(), plan, kind, told, again)
	switch {
	case errors.Is(err, release.ErrMailed):
		return fail(exitConflict, err, "--again sends it once more, with a number in its subject")
	case err != nil:
		return fail(exitUnreachable, err, "slipway mail "+name+" "+string(kind)+" prints it")
	}
	fmt.Fprintf(a.stdout, "%s\n", subject)
	return nil
}

// planOf is the plan of a release that ran here, or of a plan's file.
func (a *app) planOf(ctx context.Context, name string) (plan *release.Plan, root string, err error) {
	if strings.HasSuffix(name, ".json") {
		return loadPlan(name)
	}
	err = a.withRun(ctx, name, func(j *engine.Journal, run engine.Run) error {
		r, err := a.rolloutOf(ctx, j, run)
		plan, root = r.plan, r.env.Root
		return err
	})
	return plan, root, err
}
