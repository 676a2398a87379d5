package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"slipway/release"
	"slipway/release/engine"
	"slipway/release/pipeline"
	"slipway/tui"
)

// planCommandLine is the verb that writes the same plan.
func planCommandLine(d tui.Draft) []string {
	args := []string{"plan", d.Version, "--build", strconv.Itoa(d.Build)}
	if rev, ok := d.Revisions["main"]; ok {
		args = append(args, "--rev", rev)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Revisions)) {
		if name != "main" {
			args = append(args, "--rev", name+"="+d.Revisions[name])
		}
	}
	for _, v := range d.From {
		args = append(args, "--from", v)
	}
	if len(d.From) == 0 { // where leaving it out takes the newest
		args = append(args, "--from", "")
	}
	return append(args, "--urgency", d.Urgency)
}

// Begin writes the plan, starts its engine, and says go to build.
func (s *consoleSource) Begin(ctx context.Context, d tui.Draft) (string, error) {
	plan, _, out, err := s.resolve(ctx, d)
	if err != nil {
		return "", err
	}
	if err := keepPlan(out, plan.Encode()); err != nil {
		return "", err
	}
	if _, err := s.Exec(ctx, []string{"run", out, "--detach"}); err != nil {
		return plan.Candidate, err
	}
	return plan.Candidate, s.goToBuild(ctx, plan)
}

// gateTime is how long an engine may take to its first gate: it works on nothing
// before that.
const gateTime = 30 * time.Second

// goToBuild approves the first gate as soon as the engine has reached it.
func (s *consoleSource) goToBuild(ctx context.Context, plan *release.Plan) error {
	ctx, cancel := context.WithTimeout(ctx, gateTime)
	defer cancel()
	for {
		snap, err := s.Snapshot(ctx, plan.Candidate)
		if err != nil {
			return err
		}
		for _, g := range snap.Gates {
			if g.Gate.Name == "go-to-build" && g.State == pipeline.Held && len(g.Missing) > 0 {
				_, err := s.j.Send(ctx, engine.Command{
					Run: plan.Candidate, Verb: "approve", By: actor(""), Gate: g.Task, Role: g.Missing[0].Role, Key: g.Key,
					Reason: "go to build " + plan.Config.DisplayName + " " + plan.Version + ", typed in the console",
				}, time.Now)
				return err
			}
			if g.Gate.Name == "go-to-build" && g.State == pipeline.Passed {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return errors.New("the engine did not come to the gate go-to-build; slipway status " + plan.Candidate)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
