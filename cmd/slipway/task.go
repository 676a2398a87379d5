package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"slipway/release/engine"
	"slipway/release/pipeline"
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
	var asJSON *bool
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
				if *asJSON {
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
	asJSON = jsonFlag(cmd)
	return cmd
}

// taskFields is a task in JSON.
type taskFields struct {
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
}

func lineOf(t engine.TaskView, now time.Time) taskFields {
	return taskFields{
		t.ID, t.Title, t.Stage, t.State, t.Attempt, t.Cached, t.Took(now).Milliseconds(), t.Usual.Milliseconds(),
		t.Key, t.Trouble.Class, t.Trouble.Cause, t.Trouble.Text,
	}
}

func (a *app) taskLines(s *engine.Snapshot, picked []engine.TaskView) error {
	out := lines{w: a.stdout}
	for _, t := range picked {
		if err := out.put("task", lineOf(t, s.At)); err != nil {
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
