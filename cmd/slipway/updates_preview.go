package main

import (
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/release/engine"
	"slipway/release/pipeline"
)

func (a *app) updatesPreviewCommand() *cobra.Command {
	var all bool
	var asJSON *bool
	cmd := &cobra.Command{
		Use:   "preview RELEASE",
		Short: "what every kind of client is told now, and what once the release is offered to it",
		Long: `preview compares the published answers with those that wait for the gate ship, and
counts the kinds of clients (version, build target, locale, channel) by what becomes
of their answer: new, raised, changed, same, lowered, or gone. Whoever approves
sees who is led where before anybody is. Of a staged rollout it tells the clients
inside the share. It changes nothing.`,
		Example: `  slipway updates preview skiff-10.0-build1
  slipway updates preview skiff-10.0-build1 --all`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withRun(cmd.Context(), args[0], func(j *engine.Journal, run engine.Run) error {
				r, err := a.rolloutOf(cmd.Context(), j, run)
				if err != nil {
					return err
				}
				s, err := j.Look(cmd.Context(), run.ID, time.Now())
				if err != nil {
					return err
				}
				i := slices.IndexFunc(s.Tasks, func(t engine.TaskView) bool { return t.ID == release.SnippetsTask })
				if i < 0 || s.Tasks[i].State != pipeline.Passed {
					return fail(exitConflict, fmt.Errorf("the answers of %s are not written yet", run.ID), "slipway snippets "+run.ID)
				}
				raw, _, err := j.Result(cmd.Context(), s.Tasks[i].Key)
				if err != nil {
					return err
				}
				env, err := a.releaseEnv(r.env.Root)
				if err != nil {
					return err
				}
				defer env.Store.Close()
				list, err := env.Preview(cmd.Context(), r.plan, raw)
				if err != nil {
					return err
				}
				if *asJSON {
					return previewJSON(&lines{w: a.stdout}, run.ID, list)
				}
				return a.printPreview(list, all)
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "one line for each kind of client")
	asJSON = jsonFlag(cmd)
	return cmd
}

func (a *app) printPreview(list []release.ClientChange, all bool) error {
	if len(list) == 0 {
		fmt.Fprintln(a.stdout, "nobody is told anything: there is no release before this one, or no answers of form xml")
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	if all {
		fmt.Fprintln(w, "CHANNEL\tRUNS\tBUILD ID\tTARGET\tLOCALE\tNOW\tTHEN\tWHAT")
		for _, c := range list {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.Channel, c.Version, c.BuildID, c.Target, c.Locale, told(c.Now), then(c), c.What)
		}
		return w.Flush()
	}
	fmt.Fprintln(w, "CHANNEL\tRUNS\tCLIENTS\tNOW\tTHEN\tWHAT")
	type group struct{ channel, version, now, then, what string }
	var order []group
	count := map[group]int{}
	for _, c := range list {
		g := group{c.Channel, c.Version, told(c.Now), then(c), c.What}
		if count[g] == 0 {
			order = append(order, g)
		}
		count[g]++
	}
	for _, g := range order {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\n", g.channel, g.version, count[g], g.now, g.then, g.what)
	}
	return w.Flush()
}

func told(version string) string {
	if version == "" {
		return "nothing newer"
	}
	return version
}

func then(c release.ClientChange) string {
	if c.Partial {
		return told(c.Then) + " by a partial"
	}
	return told(c.Then)
}

func previewJSON(out *lines, run string, list []release.ClientChange) error {
	what := map[string]int{}
	for _, c := range list {
		what[c.What]++
		if err := out.put("client", c); err != nil {
			return err
		}
	}
	return out.put("summary", map[string]any{"release": run, "clients": len(list), "what": what})
}
