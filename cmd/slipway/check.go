package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/release/engine"
)

// loadPlan reads a plan's file; root is where its relative paths start.
func loadPlan(path string) (plan *release.Plan, root string, err error) {
	plan, root, err = release.LoadPlan(path)
	if err != nil {
		return nil, "", fail(exitConfig, err, "slipway plan VERSION --build N --rev REVISION")
	}
	return plan, root, nil
}

func (a *app) checkCommand() *cobra.Command {
	var asJSON *bool
	cmd := &cobra.Command{
		Use:   "check PLAN",
		Short: "preflight: look at everything that could stop the plan; all findings at once",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			plan, root, err := loadPlan(args[0])
			if err != nil {
				return err
			}
			env, err := a.releaseEnv(root)
			if err != nil {
				return err
			}
			defer env.Store.Close()
			return a.printFindings(plan, a.preflight(cmd.Context(), plan, env), *asJSON, args[0])
		},
	}
	asJSON = jsonFlag(cmd)
	return cmd
}

// preflight is the plan's own, and whether another release is in its way.
func (a *app) preflight(ctx context.Context, plan *release.Plan, env release.Env) []release.Finding {
	found := release.Check(ctx, plan, env)
	if _, err := os.Stat(filepath.Join(env.State, "journal.db")); err != nil {
		return found // nothing ran here yet
	}
	j, err := a.openJournal()
	if err == nil {
		defer j.Close()
		c := plan.Config
		err = j.InTheWay(ctx, c.Product, channels(plan), engine.RunID(c.Product, plan.Version, plan.Build))
	}
	f := release.Finding{What: "lock", OK: err == nil, Text: plan.Config.Product + " on " + channels(plan) + ": no other release is under way"}
	if err != nil {
		f.Text = err.Error()
	}
	return append(found, f)
}

func (a *app) printFindings(plan *release.Plan, found []release.Finding, asJSON bool, path string) error {
	out := &lines{w: a.stdout}
	bad := 0
	for _, f := range found {
		word := "ok  "
		if !f.OK {
			bad++
			word = "FAIL"
		}
		if !asJSON {
			fmt.Fprintf(a.stdout, "%s  %-9s %s\n", word, f.What, hang(f.Text, "                "))
			continue
		}
		if err := out.put("finding", f); err != nil {
			return err
		}
	}
	if asJSON {
		err := out.put("summary", map[string]any{"candidate": plan.Candidate, "findings": len(found), "failed": bad})
		if err != nil {
			return err
		}
	}
	if bad > 0 {
		return fail(exitCheckFailed, fmt.Errorf("%d of %d findings would stop %s", bad, len(found), plan.Candidate), "mend them, then: slipway check "+path)
	}
	fmt.Fprintf(a.stderr, "next: slipway run %s\n", path)
	return nil
}
