package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"slipway/release/engine"
	"slipway/release/text"
)

func (a *app) historyCommand() *cobra.Command {
	var (
		asJSON *bool
		types  []string
		sel    string
		since  time.Duration
	)
	cmd := &cobra.Command{
		Use:   "history RELEASE",
		Short: "everything that happened to a release, and who did it",
		Long: `history lists the events of a release's journal, one a line. Under --json each has
its hash link.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, t := range types {
				if !slices.Contains(eventTypes, t) {
					return usage(fmt.Errorf("unknown type %q, want one of %s", t, strings.Join(eventTypes, ", ")), "slipway help history")
				}
			}
			return a.withRun(cmd.Context(), args[0], func(j *engine.Journal, run engine.Run) error {
				events, err := j.History(cmd.Context(), run.ID, 0)
				if err != nil {
					return err
				}
				if !slices.ContainsFunc(events, func(e engine.Event) bool { return below(e.Task, sel) }) {
					return usage(fmt.Errorf("nothing happened to a task %q", sel), "slipway task ls "+run.ID)
				}
				now := time.Now()
				events = slices.DeleteFunc(events, func(e engine.Event) bool {
					return len(types) > 0 && !slices.Contains(types, string(e.Type)) ||
						!below(e.Task, sel) ||
						since > 0 && now.Sub(e.At) > since
				})
				if *asJSON {
					s, err := j.Look(cmd.Context(), run.ID, now)
					if err != nil {
						return err
					}
					p := jsonl{w: a.stdout}
					return errors.Join(p.show(s, events), p.end(s))
				}
				for _, e := range events {
					fmt.Fprintf(a.stdout, "%s  #%-5d %-10s %s\n", clock(e.At), e.Seq, text.Sanitize(by(e)), what(e))
				}
				return nil
			})
		},
	}
	asJSON = jsonFlag(cmd)
	cmd.Flags().StringSliceVar(&types, "type", nil, "only `TYPES`: "+strings.Join(eventTypes, ", "))
	cmd.Flags().StringVar(&sel, "task", "", "only `TASK` and those below it")
	cmd.Flags().DurationVar(&since, "since", 0, "only the last `DURATION`")
	return cmd
}

var eventTypes = []string{string(engine.RunEvent), string(engine.TaskEvent), string(engine.ApprovalEvent), string(engine.CommandEvent)}

// below tells whether a task is the one that was named, or of its kind:
// repack/win64/de is below repack/win64. Nothing named is everything.
func below(task, name string) bool {
	return name == "" || task == name || strings.HasPrefix(task, name+"/")
}

func by(e engine.Event) string {
	if e.By == "" {
		return "engine"
	}
	return e.By
}

// what tells an event in words.
func what(e engine.Event) string {
	var line string
	switch e.Type {
	case engine.TaskEvent:
		line = fmt.Sprintf("%s %s", e.Task, word(e.To))
		if e.Attempt > 1 {
			line += fmt.Sprintf(" attempt %d", e.Attempt)
		}
		if e.Cached {
			line += " (found)"
		}
		if e.Took > 0 {
			line += " " + span(time.Duration(e.Took)*time.Millisecond)
		}
	case engine.ApprovalEvent:
		line = fmt.Sprintf("%s %s", e.What, e.Task)
		if e.Role != "" {
			line += " as " + text.Sanitize(e.Role)
		}
		line += fmt.Sprintf(" (%d of %d) for %.19s", e.Have, e.Need, e.Key)
	default:
		line = e.What
		if e.Standing != "" {
			line += " " + string(e.Standing)
		}
		if e.Plan != "" {
			line += fmt.Sprintf(" plan %.19s", e.Plan)
		}
	}
	if e.Text != "" {
		line += ": " + firstLine(e.Text)
	}
	return line
}

func (a *app) auditCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "prove that nobody changed a release's history",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "verify [RELEASE]…",
		Short: "check the hash chain of every event, and its head noted outside",
		RunE: func(cmd *cobra.Command, args []string) error {
			j, err := a.readJournal()
			if err != nil {
				return err
			}
			defer j.Close()
			if len(args) == 0 {
				runs, err := j.Runs(cmd.Context())
				if err != nil {
					return err
				}
				for _, r := range runs {
					args = append(args, r.ID)
				}
			}
			var broken []error
			for _, id := range args {
				n, err := j.VerifyChain(cmd.Context(), id)
				switch {
				case errors.Is(err, engine.ErrNoRun):
					return a.unknownRun(cmd.Context(), j, id)
				case err != nil:
					broken = append(broken, fmt.Errorf("%s: %w", id, err))
				default:
					fmt.Fprintf(a.stdout, "%s  %d events, chain sound\n", id, n)
				}
			}
			if len(broken) > 0 {
				return fail(exitCheckFailed, errors.Join(broken...), "keep the state directory as it is; compare it with a backup")
			}
			return nil
		},
	})
	return cmd
}
