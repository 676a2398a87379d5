package main

import (
	"context"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"slipway/release/engine"
	"slipway/release/pipeline"
	"slipway/release/text"
)

func (a *app) lsCommand() *cobra.Command {
	var asJSON *bool
	cmd := &cobra.Command{
		Use:   "ls",
		Short: "list every release that ran here, the newest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.listRuns(cmd.Context(), *asJSON, func(engine.Run, bool) bool { return true })
		},
	}
	asJSON = jsonFlag(cmd)
	return cmd
}

// listRuns prints the releases that are wanted; each is asked for with whether
// its rollout is halted still.
func (a *app) listRuns(ctx context.Context, asJSON bool, wanted func(r engine.Run, halted bool) bool) error {
	j, err := a.readJournal()
	if err != nil {
		return err
	}
	defer j.Close()
	all, err := j.Runs(ctx)
	if err != nil {
		return err
	}
	still := engine.StillHalted(all)
	halted := func(r engine.Run) bool {
		return slices.ContainsFunc(still, func(h engine.Run) bool { return h.ID == r.ID })
	}
	runs := slices.DeleteFunc(slices.Clone(all), func(r engine.Run) bool { return !wanted(r, halted(r)) })
	switch {
	case asJSON:
		return a.runLines(runs)
	case len(runs) == 0:
		fmt.Fprintf(a.stdout, "nothing is under way; %d finished (slipway ls)\n", len(all))
		return nil
	}
	return a.runTable(runs, halted)
}

func (a *app) runLines(runs []engine.Run) error {
	out := lines{w: a.stdout}
	for _, r := range runs {
		if err := out.put("release", r); err != nil {
			return err
		}
	}
	return out.put("summary", map[string]int{"releases": len(runs)})
}

func (a *app) runTable(runs []engine.Run, halted func(engine.Run) bool) error {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RELEASE\tCHANNEL\tSTATE\tDONE\tFAILED\tNEEDS\tSTARTED")
	for _, r := range runs {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d/%d\t%d\t%s\t%s %s\n", r.ID, r.Channel, r.Shown(),
			r.Counts.Passed, r.Tasks, r.Counts.Failed, needs(r, halted(r)), r.Began.UTC().Format(time.DateTime), text.Sanitize(r.By))
	}
	return w.Flush()
}

// needs is what a run needs of people.
func needs(r engine.Run, halted bool) string {
	switch {
	case halted:
		return "rollout resume"
	case r.Standing == pipeline.Stopped || r.Standing == pipeline.Done:
		return "-"
	case r.Halt != nil:
		return "resume"
	case r.Counts.Held > 0:
		return "approval"
	case r.Counts.Failed > 0:
		return "a fix"
	case !r.Driven():
		return "run"
	}
	return "-"
}
