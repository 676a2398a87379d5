package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"slipway/release/engine"
	"slipway/release/pipeline"
	"slipway/release/text"
)

func (a *app) reportCommand() *cobra.Command {
	var asJSON *bool
	cmd := &cobra.Command{
		Use:   "report RELEASE",
		Short: "where a release's time went: work, hand-offs, failures; for the post-mortem",
		Long: `report accounts for every moment of a release by its history: when something
ran, when it waited for people and for whom, when it had failed and nobody looked,
when no engine ran. It ends with the gates, the stages, and each failed attempt.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withRun(cmd.Context(), args[0], func(j *engine.Journal, run engine.Run) error {
				events, err := j.History(cmd.Context(), run.ID, 0)
				if err != nil {
					return err
				}
				now := time.Now()
				s, err := j.Look(cmd.Context(), run.ID, now)
				if err != nil {
					return err
				}
				var g pipeline.Graph
				for _, t := range s.Tasks {
					g.Tasks = append(g.Tasks, *t.Task)
				}
				r := engine.Account(g, events, now)
				if *asJSON {
					return reportJSON(&lines{w: a.stdout}, run.ID, r)
				}
				a.printReport(run.ID, r)
				return nil
			})
		},
	}
	asJSON = jsonFlag(cmd)
	return cmd
}

func (a *app) printReport(run string, r engine.Report) {
	fmt.Fprintf(a.stdout, "%s took %s, from %s to %s\n\n", run, span(r.To.Sub(r.From)), clock(r.From), clock(r.To))
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, p := range engine.Parts {
		fmt.Fprintf(w, "  %s\t%s\n", p, span(r.Spent[p]))
	}
	fmt.Fprintf(w, "\nGATE\tREACHED\tWAITED\tOPENED BY\n")
	for _, g := range r.Gates {
		who := text.Sanitize(strings.Join(g.By, ", "))
		if g.Opened.IsZero() {
			who = "still held"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", g.Gate, clock(g.Reached), span(g.Waited), who)
	}
	fmt.Fprintf(w, "\nSTAGE\tPASSED\tFOUND\tFAILED\tBUSY\tOF ALL TASKS\n")
	for _, s := range r.Stages {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\t%s\n", s.Stage, s.Passed, s.Found, s.Failures, span(s.Busy), span(s.Sum))
	}
	w.Flush()
	if len(r.Failures) > 0 {
		fmt.Fprintf(a.stdout, "\nFAILED ATTEMPTS %d\n", len(r.Failures))
	}
	for _, e := range r.Failures {
		fmt.Fprintf(a.stdout, "%s  %s attempt %d, after %s: %s: %s\n",
			clock(e.At), e.Task, e.Attempt, span(time.Duration(e.Took)*time.Millisecond), e.Class, firstLine(e.Text))
	}
}

func reportJSON(out *lines, run string, r engine.Report) error {
	for _, g := range r.Gates {
		if err := out.put("gate", map[string]any{"id": g.Gate, "reached": g.Reached, "waited-ms": g.Waited.Milliseconds(), "open": !g.Opened.IsZero(), "by": g.By}); err != nil {
			return err
		}
	}
	for _, s := range r.Stages {
		if err := out.put("stage", map[string]any{"stage": s.Stage, "passed": s.Passed, "found": s.Found, "failures": s.Failures, "busy-ms": s.Busy.Milliseconds(), "ms": s.Sum.Milliseconds()}); err != nil {
			return err
		}
	}
	for _, e := range r.Failures {
		if err := out.put("failure", map[string]any{"t": e.At, "id": e.Task, "attempt": e.Attempt, "ms": e.Took, "class": e.Class, "text": e.Text}); err != nil {
			return err
		}
	}
	spent := map[string]int64{}
	for p, d := range r.Spent {
		spent[string(p)] = d.Milliseconds()
	}
	return out.put("summary", map[string]any{"release": run, "from": r.From, "to": r.To, "ms": r.To.Sub(r.From).Milliseconds(), "spent-ms": spent})
}
