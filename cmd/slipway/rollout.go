package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/release/engine"
	"slipway/release/pipeline"
	"slipway/release/text"
)

func (a *app) rolloutCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rollout",
		Short: "whom a release is offered to: show, halt, resume",
		Long: `With updates.rollout in slipway.yaml, a release is offered to a share of users
after the other. Each share is a task behind a gate, so the next one is begun by
slipway approve RELEASE rollout-50. These verbs show how far it is, and stop it;
also a release that everybody is offered.`,
		Args: cobra.NoArgs,
	}
	cmd.AddCommand(a.rolloutShowCommand(), a.rolloutHaltCommand(), a.rolloutResumeCommand())
	return cmd
}

func (a *app) rolloutHaltCommand() *cobra.Command {
	var by, reason, confirm string
	cmd := &cobra.Command{
		Use:   "halt RELEASE --reason TEXT --confirm VERSION",
		Short: "emergency: offer the release to nobody, at once",
		Long: `halt gives everybody the earlier answers at once: those in the share, and who
asks by hand. Of a release that is offered to everybody, no earlier answers are
left: its own go to aus/withdrawn, and clients are told of nothing newer. It works
while an engine runs and without one, and no web server is reloaded. Who has the
update keeps it, and packages stay where they lie. Steps are refused until somebody
resumes; a later release takes the place of one that is halted.`,
		Example: `  slipway rollout halt skiff-10.0-build1 --reason "bug 1999001: crashes on start" --confirm 10.0`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.confirmed(cmd, args[0], confirm); err != nil {
				return err
			}
			return a.withRollout(cmd.Context(), args[0], func(r rolloutOf) error { return a.haltRollout(cmd.Context(), r, actor(by), reason) })
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` for the record")
	cmd.Flags().StringVar(&confirm, "confirm", "", "the release's `VERSION`, typed to be sure")
	byFlag(cmd, &by)
	require(cmd, "reason", "confirm")
	return cmd
}

func (a *app) rolloutResumeCommand() *cobra.Command {
	var by, reason string
	cmd := &cobra.Command{
		Use:   "resume RELEASE --reason TEXT",
		Short: "lift a halt: whoever was offered the release is again",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withRollout(cmd.Context(), args[0], func(r rolloutOf) error {
				ctx, cancel := context.WithTimeoutCause(cmd.Context(), rolloutPatience, errRolloutBusy)
				defer cancel()
				h, err := r.env.ResumeRollout(ctx, r.plan)
				if err != nil {
					return r.refused(err)
				}
				fmt.Fprintf(a.stdout, "%s goes on; it was halted %s\n", r.run.ID, text.Sanitize(h.String()))
				if err := r.note(cmd.Context(), engine.VerbResumeRollout, actor(by), reason); err != nil {
					return err
				}
				return errors.Join(a.uploadAnswers(cmd.Context(), r), a.nextStep(cmd.Context(), r))
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` for the record")
	byFlag(cmd, &by)
	require(cmd, "reason")
	return cmd
}

// nextStep says how a step that failed, refused by the halt, is made again.
func (a *app) nextStep(ctx context.Context, r rolloutOf) error {
	steps, _, err := r.look(ctx)
	for _, s := range steps {
		if s.State != pipeline.Failed {
			continue
		}
		if !r.run.Driven() {
			fmt.Fprintf(a.stderr, "%s failed; next: slipway run %s\n", s.Task, r.run.ID)
		} else {
			fmt.Fprintf(a.stderr, "%s failed; next: slipway retry %s %s\n", s.Task, r.run.ID, s.Task)
		}
	}
	return err
}

// rolloutPatience is how long a halt waits for a step that holds the lock; the
// last one does while it writes the live answers.
const rolloutPatience = 10 * time.Second

var errRolloutBusy = fmt.Errorf("a step held the rollout for %s: it is putting the answers live", rolloutPatience)

// rolloutOf is a release whose rollout is looked at or stopped. It needs
// neither cache nor engine: an emergency must not wait for them.
type rolloutOf struct {
	j    *engine.Journal
	run  engine.Run
	plan *release.Plan
	env  release.Env
}

func (a *app) withRollout(ctx context.Context, name string, do func(rolloutOf) error) error {
	return a.withRun(ctx, name, func(j *engine.Journal, run engine.Run) error {
		r, err := a.rolloutOf(ctx, j, run)
		if err != nil {
			return err
		}
		return do(r)
	})
}

func (a *app) rolloutOf(ctx context.Context, j *engine.Journal, run engine.Run) (rolloutOf, error) {
	text, err := j.Plan(ctx, run.ID)
	if err != nil {
		return rolloutOf{}, err
	}
	plan, err := release.ParsePlan(text)
	if err != nil {
		return rolloutOf{}, err
	}
	state, err := filepath.Abs(a.statePlace().path)
	return rolloutOf{j, run, plan, release.Env{Root: productDir(run.Origin, plan), State: state, Now: time.Now}}, err
}

// haltRollout halts first and tells the journal after: users come before the
// record. One that was killed in between is told of by the next.
func (a *app) haltRollout(ctx context.Context, r rolloutOf, by, reason string) error {
	wait, cancel := context.WithTimeoutCause(ctx, rolloutPatience, errRolloutBusy)
	defer cancel()
	err := r.env.HaltRollout(wait, r.plan, by, reason)
	if errors.Is(err, release.ErrHalted) {
		if noted, nerr := r.noted(ctx); nerr != nil || noted {
			return r.refused(errors.Join(err, nerr))
		}
		err = nil
	}
	if err != nil {
		return r.refused(err)
	}
	fmt.Fprintf(a.stdout, "%s is halted: nobody is offered it any more\n", r.run.ID)
	return errors.Join(r.note(ctx, engine.VerbHaltRollout, by, reason), a.uploadAnswers(ctx, r))
}

func (a *app) uploadAnswers(ctx context.Context, r rolloutOf) error {
	err := r.env.UploadAnswers(ctx, r.plan, a.stderr)
	if err != nil {
		err = fail(exitUnreachable, err, "that program, as often as it takes; then: slipway rollout show "+r.run.ID)
	}
	return err
}

func (r rolloutOf) note(ctx context.Context, verb, by, reason string) error {
	_, err := r.j.Send(ctx, engine.Command{Run: r.run.ID, Verb: verb, By: by, Reason: reason}, time.Now)
	if err != nil {
		return fmt.Errorf("it took effect, but the history was not told: %w", err)
	}
	return nil
}

// noted tells whether the history's last word is a halt.
func (r rolloutOf) noted(ctx context.Context) (bool, error) {
	run, err := r.j.Run(ctx, r.run.ID)
	return run.RolloutHalt != nil, err
}

// refused says what to do instead.
func (r rolloutOf) refused(err error) error {
	switch {
	case errors.Is(err, release.ErrSuperseded):
		return fail(exitConflict, err, "slipway ls")
	case errors.Is(err, release.ErrHalted), errors.Is(err, release.ErrNotHalted):
		return fail(exitConflict, err, "slipway rollout show "+r.run.ID)
	case errors.Is(err, errRolloutBusy):
		return fail(exitConflict, err, "slipway rollout show "+r.run.ID)
	case !errors.Is(err, release.ErrNoRollout):
		return err
	}
	if len(r.plan.LiveChannels()) == 0 {
		return fail(exitConflict, fmt.Errorf("no client is ever told of %s: its slipway.yaml names no channel of users under updates.channels", r.run.ID), "slipway config show --origin")
	}
	if r.run.Standing == pipeline.Done {
		return fail(exitConflict, fmt.Errorf("no client is told of %s: a later release took its place, or there was none before it", r.run.ID), "slipway ls")
	}
	return fail(exitConflict, fmt.Errorf("%w: %s is not offered to anybody yet", err, r.run.ID), "slipway rollout show "+r.run.ID+"; slipway pause "+r.run.ID+" keeps it from beginning")
}
