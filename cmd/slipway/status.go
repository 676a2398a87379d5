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

func (a *app) statusCommand() *cobra.Command {
	var asJSON *bool
	cmd := &cobra.Command{
		Use:   "status [RELEASE]",
		Short: "where a release stands, what it waits for, and why it is not moving",
		Long: `Without a name, status lists the releases that are not finished, or that nobody is
offered since somebody halted them. With one, it tells the release's stages, what
runs, what failed and why, and whom it waits for.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.listRuns(cmd.Context(), *asJSON, unfinished)
			}
			return a.withTasks(cmd.Context(), args[0], func(_ *engine.Journal, s *engine.Snapshot) error {
				if *asJSON {
					return a.statusLines(s)
				}
				return a.statusText(s)
			})
		},
	}
	asJSON = jsonFlag(cmd)
	return cmd
}

func unfinished(r engine.Run, halted bool) bool {
	return halted || r.Standing != pipeline.Done && r.Standing != pipeline.Stopped
}

func (a *app) statusLines(s *engine.Snapshot) error {
	out := lines{w: a.stdout}
	for _, g := range s.Gates {
		if err := out.put("gate", map[string]any{"id": g.Task, "state": g.State, "question": g.Gate.Question, "key": g.Key, "signoffs": list(g.Signoffs), "missing": list(g.Missing)}); err != nil {
			return err
		}
	}
	for _, c := range s.Causes {
		if err := out.put("cause", c); err != nil {
			return err
		}
	}
	return out.put("summary", struct {
		engine.Run
		Why string `json:"why,omitempty"`
		ETA int64  `json:"eta-seconds,omitempty"`
	}{s.Run, s.Why, int64(s.ETA / time.Second)})
}

func (a *app) statusText(s *engine.Snapshot) error {
	r := s.Run
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s  %s  %d of %d tasks passed\n", r.ID, r.Shown(), s.Counts.Passed, s.Counts.Total())
	if s.Why != "" {
		fmt.Fprintf(w, "  why not moving\t%s\n", text.Sanitize(s.Why))
	}
	if r.RolloutHalt != nil {
		fmt.Fprintf(w, "  lift it\t%s\n", resumeRollout(r))
	}
	if s.ETA > 0 && r.Standing != pipeline.Done {
		fmt.Fprintf(w, "  about\t%s of work left, by former runs\n", span(s.ETA))
	}
	if !r.Driven() {
		fmt.Fprintf(w, "  engine\tnone\n")
	} else {
		fmt.Fprintf(w, "  engine\tprocess %d on %s\n", r.Lock.PID, r.Lock.Host)
	}
	if r.Lock.Run == r.ID {
		fmt.Fprintf(w, "  lock\t%s since %s, %s\n", r.Lock.Resource, r.Lock.Since.UTC().Format(time.DateTime+"Z"), text.Sanitize(r.Lock.By))
	}
	fmt.Fprintf(w, "  plan\t%s\n", r.Plan)
	w.Flush()

	fmt.Fprintln(w, "\nSTAGE\tDONE\tRUN\tFAIL\tHOLD\tWAIT")
	for _, st := range byStage(s) {
		c := st.counts
		fmt.Fprintf(w, "%s\t%d/%d\t%s\t%s\t%s\t%s\n", st.name, c.Passed, c.Total(), some(c.Running), some(c.Failed+c.Cancelled), some(c.Held), some(c.Waiting+c.Retrying+c.Blocked))
	}
	w.Flush()

	if run := longest(s, maxRunning); len(run) > 0 {
		fmt.Fprintf(a.stdout, "\nRUNNING %d\n", s.Counts.Running)
		for _, t := range run {
			usual := ""
			if t.Usual > 0 {
				usual = "usual " + span(t.Usual)
			}
			fmt.Fprintf(w, "  %s\t%s\t%s\n", t.ID, span(t.Took(s.At)), usual)
		}
		w.Flush()
	}
	if len(s.Causes) > 0 {
		fmt.Fprintf(a.stdout, "\nFAILED %d, causes: %d\n", s.Counts.Failed, len(s.Causes))
		for _, c := range s.Causes {
			fmt.Fprintf(a.stdout, "  [%d] %s: %s\n      %s\n", len(c.Tasks), c.Class, text.Sanitize(c.Cause), few(c.Tasks, 4))
		}
	}
	var cancelled []string
	for _, t := range s.Tasks {
		if t.State == pipeline.Cancelled {
			cancelled = append(cancelled, t.ID)
		}
	}
	if len(cancelled) > 0 {
		fmt.Fprintf(a.stdout, "\nCANCELLED %d, until slipway retry %s state:cancelled: %s\n", len(cancelled), r.ID, few(cancelled, 4))
	}
	a.gatesText(s)
	return nil
}

func (a *app) gatesText(s *engine.Snapshot) {
	for _, g := range s.Gates {
		if g.State != pipeline.Held {
			continue
		}
		fmt.Fprintf(a.stdout, "\nHOLD %s: %s\n", g.Task, text.Sanitize(g.Gate.Question))
		if soaked := soakOf(s, g); soaked != "" {
			fmt.Fprintf(a.stdout, "  %s\n", soaked)
		}
		for _, so := range g.Signoffs {
			fmt.Fprintf(a.stdout, "  ok    %s as %s, %s%s\n", text.Sanitize(so.By), so.Role, so.At.UTC().Format(time.DateTime+"Z"), quoted(so.Reason))
		}
		for _, m := range g.Missing {
			fmt.Fprintf(a.stdout, "  wait  %s %d of %d: slipway approve %s %s --as %s --reason \"…\"\n", m.Role, m.Have, m.Need, s.Run.ID, g.Task, m.Role)
		}
	}
}

type stageCounts struct {
	name   string
	counts pipeline.Counts
}

// byStage counts tasks by stage, in the order of the checklist.
func byStage(s *engine.Snapshot) []stageCounts {
	var stages []stageCounts
	at := map[string]int{}
	for _, t := range s.Tasks {
		i, ok := at[t.Stage]
		if !ok {
			i = len(stages)
			at[t.Stage] = i
			stages = append(stages, stageCounts{name: t.Stage})
		}
		stages[i].counts.Add(t.State, 1)
	}
	return stages
}

func some(n int) string {
	if n == 0 {
		return "·"
	}
	return fmt.Sprint(n)
}

// counted is a number with its noun.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func few(ids []string, n int) string {
	if len(ids) <= n {
		return strings.Join(ids, " ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(ids[:n], " "), len(ids)-n)
}

// list is never null in JSON: who reads it need not ask first.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}
