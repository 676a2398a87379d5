package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"slipway/release/engine"
	"slipway/release/pipeline"
	"slipway/release/text"
)

func (a *app) taskCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "task",
		Short: "a release's single tasks: ls, show, log, cancel, urgent",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(a.taskLsCommand(), a.taskShowCommand(), a.taskLogCommand(), a.cancelCommand(), a.urgentCommand())
	return cmd
}

func join(words []string) string { return strings.Join(words, " ") }

// byName is a selection for a command that acts: plain words are names or
// patterns of names, never something that happens to be in one.
func byName(args []string) string {
	words := strings.Fields(join(args))
	for i, w := range words {
		if !strings.Contains(w, ":") {
			words[i] = "name:" + w
		}
	}
	return join(words)
}

// withTasks finds a release's tasks for a verb that looks at some of them.
func (a *app) withTasks(ctx context.Context, name string, look func(*engine.Journal, *engine.Snapshot) error) error {
	return a.withRun(ctx, name, func(j *engine.Journal, run engine.Run) error {
		s, err := j.Look(ctx, run.ID, time.Now())
		if err != nil {
			return err
		}
		return look(j, s)
	})
}

func (a *app) taskLsCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "ls RELEASE [SEL]…",
		Short:   "list tasks, all or a selection",
		Example: "  slipway task ls skiff-10.0-build1 state:failed platform:win64",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			sel, err := pipeline.Select(join(args[1:]))
			if err != nil {
				return usage(err, "slipway help task ls")
			}
			return a.withTasks(cmd.Context(), args[0], func(_ *engine.Journal, s *engine.Snapshot) error {
				picked := slices.DeleteFunc(slices.Clone(s.Tasks), func(t engine.TaskView) bool {
					return !sel.Picks(*t.Task, t.State, t.Trouble.Class)
				})
				if asJSON {
					return a.taskLines(s, picked)
				}
				w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
				for _, t := range picked {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", word(t.State), t.ID, took(t, s.At), remark(t))
				}
				return w.Flush()
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "answer in JSON lines")
	return cmd
}

func (a *app) taskLines(s *engine.Snapshot, picked []engine.TaskView) error {
	out := lines{w: a.stdout}
	for _, t := range picked {
		err := out.put("task", struct {
			ID      string         `json:"id"`
			Title   string         `json:"title"`
			Stage   string         `json:"stage"`
			State   pipeline.State `json:"state"`
			Attempt int            `json:"attempt"`
			Cached  bool           `json:"cached,omitempty"`
			Took    int64          `json:"ms,omitempty"`
			Usual   int64          `json:"usual-ms,omitempty"`
			Key     string         `json:"key,omitempty"`
			Class   pipeline.Class `json:"class,omitempty"`
			Cause   string         `json:"cause,omitempty"`
			Text    string         `json:"text,omitempty"`
		}{t.ID, t.Title, t.Stage, t.State, t.Attempt, t.Cached, t.Took(s.At).Milliseconds(), t.Usual.Milliseconds(), t.Key, t.Trouble.Class, t.Trouble.Cause, t.Trouble.Text})
		if err != nil {
			return err
		}
	}
	return out.put("summary", map[string]int{"tasks": len(picked)})
}

func took(t engine.TaskView, now time.Time) string {
	if t.Cached || t.Started.IsZero() || t.Kind == pipeline.KindGate {
		return ""
	}
	return span(t.Took(now))
}

func remark(t engine.TaskView) string {
	switch {
	case t.Trouble.Text != "":
		return firstLine(t.Trouble.Text)
	case t.Cached:
		return "found"
	case t.Quiet:
		return "no output for long"
	}
	return ""
}

// taskNamed finds one task by its whole name.
func taskNamed(s *engine.Snapshot, id string) (engine.TaskView, error) {
	var near []string
	for _, t := range s.Tasks {
		if t.ID == id {
			return t, nil
		}
		if strings.Contains(t.ID, id) {
			near = append(near, t.ID)
		}
	}
	err := fmt.Errorf("%s has no task %q", s.Run.ID, id)
	if len(near) > 0 {
		err = fmt.Errorf("%w; did you mean %s", err, few(near, 4))
	}
	return engine.TaskView{}, usage(err, "slipway task ls "+s.Run.ID)
}

// withTask is [app.withTasks] for a verb whose arguments are RELEASE and TASK.
func (a *app) withTask(ctx context.Context, args []string, look func(*engine.Journal, *engine.Snapshot, engine.TaskView) error) error {
	return a.withTasks(ctx, args[0], func(j *engine.Journal, s *engine.Snapshot) error {
		t, err := taskNamed(s, args[1])
		if err != nil {
			return err
		}
		return look(j, s, t)
	})
}

func (a *app) taskShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show RELEASE TASK",
		Short: "one task: inputs, outputs, attempts, what it blocks",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withTask(cmd.Context(), args, func(j *engine.Journal, s *engine.Snapshot, t engine.TaskView) error {
				return a.showTask(cmd.Context(), j, s, t)
			})
		},
	}
}

func (a *app) showTask(ctx context.Context, j *engine.Journal, s *engine.Snapshot, t engine.TaskView) error {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s %s  %s\n", word(t.State), t.ID, text.Sanitize(t.Title))
	fmt.Fprintf(w, "  attempt\t%d of %d\n", t.Attempt, max(1, t.Try.Attempts))
	if d := took(t, s.At); d != "" {
		fmt.Fprintf(w, "  took\t%s\n", d)
	}
	if t.Usual > 0 {
		fmt.Fprintf(w, "  usual\t%s\n", span(t.Usual))
	}
	if t.Key != "" {
		fmt.Fprintf(w, "  key\t%s\n", t.Key)
	}
	for _, need := range t.Needs {
		if n, err := taskNamed(s, need); err == nil {
			fmt.Fprintf(w, "  needs\t%s\t%s\n", need, word(n.State))
		}
	}
	var feeds []string
	for _, other := range s.Tasks {
		if slices.Contains(other.Needs, t.ID) {
			feeds = append(feeds, other.ID)
		}
	}
	if len(feeds) > 0 {
		fmt.Fprintf(w, "  needed by\t%s\n", few(feeds, 4))
	}
	if t.State == pipeline.Passed && t.Key != "" {
		raw, ok, err := j.Result(ctx, t.Key)
		if err != nil {
			return err
		}
		for _, f := range raw.Files {
			if ok {
				fmt.Fprintf(w, "  output\t%s\t%s\t%s\n", text.Sanitize(f.Name), humanize.IBytes(uint64(max(0, f.Size))), f.Digest)
			}
		}
	}
	if path := j.LogPath(s.Run.ID, t.ID, t.Attempt); t.Attempt > 0 {
		fmt.Fprintf(w, "  log\t%s\n", path)
	}
	if t.Trouble.Text != "" {
		fmt.Fprintf(w, "  %s\t%s\n", t.Trouble.Class, strings.ReplaceAll(text.SanitizeLines(t.Trouble.Text), "\n", "\n\t"))
	}
	return w.Flush()
}
