package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/release/engine"
	"slipway/release/pipeline"
	"slipway/release/text"
)

// rolloutStep is one share as people ask about it.
type rolloutStep struct {
	Share   int                `json:"share"`
	Task    string             `json:"id"`
	Gate    string             `json:"gate"`
	State   pipeline.State     `json:"state"`
	Since   time.Time          `json:"since,omitzero"` // it is offered
	Signed  []pipeline.Signoff `json:"signoffs"`
	Missing []pipeline.Missing `json:"missing"` // while its gate waits
	Soaked  int64              `json:"soaked-seconds,omitempty"`
	Soak    int64              `json:"soak-seconds,omitempty"`
}

func (a *app) rolloutShowCommand() *cobra.Command {
	var asJSON *bool
	cmd := &cobra.Command{
		Use:   "show RELEASE",
		Short: "the shares, since when, what clients are told, and who halted it",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withRollout(cmd.Context(), args[0], func(r rolloutOf) error {
				steps, states, err := r.look(cmd.Context())
				if err != nil {
					return err
				}
				if *asJSON {
					return a.rolloutLines(r, steps, states)
				}
				return a.rolloutText(r, steps, states)
			})
		},
	}
	asJSON = jsonFlag(cmd)
	return cmd
}

// look reads the steps from the journal, and what clients are told from where
// they read it.
func (r rolloutOf) look(ctx context.Context) ([]rolloutStep, []release.RolloutState, error) {
	s, err := r.j.Look(ctx, r.run.ID, time.Now())
	if err != nil {
		return nil, nil, err
	}
	states, err := r.env.Rollouts(r.plan)
	return rolloutSteps(r.plan, s), states, err
}

func rolloutSteps(plan *release.Plan, s *engine.Snapshot) []rolloutStep {
	var steps []rolloutStep
	for _, step := range plan.RolloutSteps() {
		x := rolloutStep{Share: step.Share, Task: step.Task, Gate: step.Gate}
		for _, t := range s.Tasks {
			if t.ID == step.Task {
				x.State = t.State
				if t.State == pipeline.Passed {
					x.Since = t.Ended
				}
			}
		}
		for _, g := range s.Gates {
			if g.Task != step.Gate {
				continue
			}
			x.Signed = g.Signoffs
			if g.State == pipeline.Held {
				x.State, x.Missing = pipeline.Held, g.Missing
				if stood, meant, ok := s.Soaked(g); ok {
					x.Soaked, x.Soak = int64(stood/time.Second), int64(meant/time.Second)
				}
			}
		}
		steps = append(steps, x)
	}
	return steps
}

func (a *app) rolloutLines(r rolloutOf, steps []rolloutStep, states []release.RolloutState) error {
	out := lines{w: a.stdout}
	for _, s := range steps {
		s.Signed, s.Missing = list(s.Signed), list(s.Missing)
		if err := out.put("step", s); err != nil {
			return err
		}
	}
	share := 0
	halted := false
	for _, c := range states {
		share, halted = c.Share, halted || c.Halt != nil
		for _, t := range c.Told {
			if err := out.put("told", map[string]string{"channel": c.Channel, "from": t.From, "inside": t.Inside, "outside": t.Outside}); err != nil {
				return err
			}
		}
		if err := out.put("channel", struct {
			Channel string               `json:"channel"`
			Release string               `json:"release"`
			Share   int                  `json:"share"`
			Halt    *release.RolloutHalt `json:"halt,omitempty"`
		}{c.Channel, c.Release, c.Share, c.Halt}); err != nil {
			return err
		}
	}
	if len(steps) == 0 && slices.ContainsFunc(states, func(c release.RolloutState) bool { return offeredAtOnce(r, c) }) {
		share = 100
	}
	if done(steps) {
		share = steps[len(steps)-1].Share
	}
	return out.put("summary", map[string]any{"release": r.run.ID, "share": share, "halted": halted})
}

// done tells whether the release is offered to everybody.
func done(steps []rolloutStep) bool {
	return len(steps) > 0 && steps[len(steps)-1].State == pipeline.Passed
}

func (a *app) rolloutText(r rolloutOf, steps []rolloutStep, states []release.RolloutState) error {
	now := time.Now()
	fmt.Fprintln(a.stdout, r.run.ID)
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, s := range steps {
		fmt.Fprintf(w, "  %d %%\t%s\t%s\n", s.Share, word(s.State), stepRemark(r.run.ID, s, now))
	}
	w.Flush()
	if len(r.plan.LiveChannels()) == 0 {
		fmt.Fprintln(a.stdout, "  no client is told of it: slipway.yaml names no channel of users under updates.channels")
	}
	for _, c := range states {
		switch {
		case done(steps) || offeredAtOnce(r, c):
			fmt.Fprintf(a.stdout, "\nchannel %s: offered to everybody\n", c.Channel)
		case c.Release == "":
			fmt.Fprintf(a.stdout, "\nchannel %s: offered to nobody yet\n", c.Channel)
		default:
			fmt.Fprintf(a.stdout, "\nchannel %s: %s is offered to %d %%\n", c.Channel, text.Sanitize(c.Release), c.Share)
		}
		if c.Halt != nil {
			fmt.Fprintf(a.stdout, "  HALTED %s\n", text.Sanitize(c.Halt.String()))
		}
		fmt.Fprintln(w, "  FROM\tINSIDE\tOUTSIDE")
		for _, t := range c.Told {
			fmt.Fprintf(w, "  %s\t%s\t%s\n", t.From, orNothing(t.Inside), orNothing(t.Outside))
		}
		w.Flush()
	}
	return nil
}

// offeredAtOnce tells whether a release without shares is offered: at least one
// kind of client is told of it, or would be if it were not halted.
func offeredAtOnce(r rolloutOf, c release.RolloutState) bool {
	return len(r.plan.RolloutSteps()) == 0 && (c.Halt != nil ||
		slices.ContainsFunc(c.Told, func(t release.RolloutTold) bool { return t.Outside == r.plan.Version }))
}

func stepRemark(run string, s rolloutStep, now time.Time) string {
	var parts []string
	if !s.Since.IsZero() {
		parts = append(parts, fmt.Sprintf("since %s (%s)", clock(s.Since), span(now.Sub(s.Since))))
	}
	for _, so := range s.Signed {
		parts = append(parts, fmt.Sprintf("%s by %s%s", s.Gate, text.Sanitize(so.By), quoted(so.Reason)))
	}
	if s.State == pipeline.Held {
		if s.Soak > 0 {
			parts = append(parts, soakedOf(time.Duration(s.Soaked)*time.Second, time.Duration(s.Soak)*time.Second))
		}
		for _, m := range s.Missing {
			parts = append(parts, fmt.Sprintf("slipway approve %s %s --as %s --reason \"…\"", run, s.Gate, m.Role))
		}
	}
	return strings.Join(parts, "; ")
}

func orNothing(version string) string {
	if version == "" {
		return "nothing newer"
	}
	return text.Sanitize(version)
}

// soakedOf says how long a share stood of the time that it was meant to.
func soakedOf(stood, meant time.Duration) string {
	return fmt.Sprintf("soaked %s of %s", span(stood), span(meant))
}

// soakOf is what a gate's share stood so far, and that its rollout is halted;
// or nothing.
func soakOf(s *engine.Snapshot, g engine.GateView) string {
	var said []string
	if stood, meant, ok := s.Soaked(g); ok {
		soaked := soakedOf(stood, meant)
		if stood < meant {
			soaked += ": early"
		}
		said = append(said, soaked)
	}
	if h := s.Run.RolloutHalt; h != nil {
		said = append(said, fmt.Sprintf("the rollout is halted by %s%s; %s lifts it", text.Sanitize(h.By), quoted(h.Reason), resumeRollout(s.Run)))
	}
	return strings.Join(said, "; ")
}

// resumeRollout is the command that lifts a halt.
func resumeRollout(r engine.Run) string {
	return fmt.Sprintf("slipway rollout resume %s --reason \"…\"", r.ID)
}

// soakBefore is what a gate's share stood when somebody signs: whether it is
// early is theirs to decide, and is said. What cannot be read is told by the
// command itself.
func (a *app) soakBefore(ctx context.Context, run, gate string) (said string) {
	_ = a.withTasks(ctx, run, func(_ *engine.Journal, s *engine.Snapshot) error {
		for _, g := range s.Gates {
			if g.Task == gate {
				said = soakOf(s, g)
			}
		}
		return nil
	})
	return said
}
