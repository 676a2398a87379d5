package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"slipway/release/engine"
	"slipway/release/pipeline"
	"slipway/release/text"
)

func (a *app) taskShowCommand() *cobra.Command {
	var asJSON *bool
	cmd := &cobra.Command{
		Use:   "show RELEASE TASK",
		Short: "one task: inputs, outputs, attempts, what it blocks",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withTask(cmd.Context(), args, func(j *engine.Journal, s *engine.Snapshot, t engine.TaskView) error {
				files, err := outputsOf(cmd.Context(), j, t)
				if err != nil {
					return err
				}
				log := ""
				if t.Attempt > 0 {
					log = j.LogPath(s.Run.ID, t.ID, t.Attempt)
				}
				if *asJSON {
					return a.showTaskJSON(s, t, files, log)
				}
				return a.showTask(s, t, files, log)
			})
		},
	}
	asJSON = jsonFlag(cmd)
	return cmd
}

// outputsOf are the files that a task left.
func outputsOf(ctx context.Context, j *engine.Journal, t engine.TaskView) ([]pipeline.File, error) {
	if t.State != pipeline.Passed || t.Key == "" {
		return nil, nil
	}
	raw, _, err := j.Result(ctx, t.Key)
	return raw.Files, err
}

// feeds are the tasks that need t.
func feeds(s *engine.Snapshot, t engine.TaskView) []string {
	ids := []string{}
	for _, other := range s.Tasks {
		if slices.Contains(other.Needs, t.ID) {
			ids = append(ids, other.ID)
		}
	}
	return ids
}

func (a *app) showTaskJSON(s *engine.Snapshot, t engine.TaskView, files []pipeline.File, log string) error {
	out := lines{w: a.stdout}
	for _, f := range files {
		if err := out.put("output", map[string]any{"name": f.Name, "size": f.Size, "digest": f.Digest}); err != nil {
			return err
		}
	}
	return out.put("summary", struct {
		taskFields
		Needs []string `json:"needs"`
		Feeds []string `json:"needed-by"`
		Log   string   `json:"log,omitempty"`
	}{lineOf(t, s.At), list(t.Needs), feeds(s, t), log})
}

func (a *app) showTask(s *engine.Snapshot, t engine.TaskView, files []pipeline.File, log string) error {
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
	if ids := feeds(s, t); len(ids) > 0 {
		fmt.Fprintf(w, "  needed by\t%s\n", few(ids, 4))
	}
	for _, f := range files {
		fmt.Fprintf(w, "  output\t%s\t%s\t%s\n", text.Sanitize(f.Name), humanize.IBytes(uint64(max(0, f.Size))), f.Digest)
	}
	if log != "" {
		fmt.Fprintf(w, "  log\t%s\n", log)
	}
	if t.Trouble.Text != "" {
		fmt.Fprintf(w, "  %s\t%s\n", t.Trouble.Class, strings.ReplaceAll(text.SanitizeLines(t.Trouble.Text), "\n", "\n\t"))
	}
	return w.Flush()
}
