package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"slipway/cache"
	"slipway/release/engine"
	"slipway/release/pipeline"
)

// runFlags are what "slipway run" is told.
type runFlags struct {
	until     string
	only      []string
	keepGoing bool
	detach    bool
	noWait    bool
	replan    bool
	by, why   string
	workers   int
	timeout   time.Duration
	show      showFlags
}

func (a *app) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run PLAN|RELEASE",
		Short: "carry out a plan, or go on with a release where it stopped",
		Long: `run carries out a plan's graph: it runs what is not done, waits at gates for
people, and ends when everything passed. Interrupted, killed or failed, the same
command goes on where it stopped and repeats nothing that was finished; what had
failed is tried again, or of it what slipway retry named since. A release that was
run before can be named instead of its plan.`,
		Example: `  slipway run plans/skiff-10.0-build1.json
  slipway run skiff-10.0-build1 --until sign --no-wait
  slipway run skiff-10.0-build1 --only 'repack/win64 state:failed' --detach`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.runRelease(cmd.Context(), args[0], f) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.until, "until", "", "stop after `STAGE` and what it needs")
	fl.StringArrayVar(&f.only, "only", nil, "run only the tasks that `SEL` picks and what they need; may be repeated")
	fl.BoolVar(&f.keepGoing, "keep-going", false, "go on through gates although tasks failed")
	fl.BoolVar(&f.detach, "detach", false, "run in a process of its own and return")
	fl.BoolVar(&f.noWait, "no-wait", false, "end at a gate, or paused, instead of waiting there")
	fl.BoolVar(&f.replan, "replan", false, "go on although the plan changed since the release began")
	byFlag(cmd, &f.by)
	fl.StringVar(&f.why, "why", "", "`TEXT` that others read who meet the lock")
	workersFlag(cmd, &f.workers)
	fl.DurationVar(&f.timeout, "timeout", 0, "end after `DURATION`; the release can be continued")
	f.show.add(cmd)
	return cmd
}

func (a *app) runRelease(ctx context.Context, name string, f runFlags) error {
	j, err := a.openJournal()
	if err != nil {
		return err
	}
	defer j.Close()
	job, err := a.loadJob(ctx, j, name)
	if err != nil {
		return err
	}
	defer job.store.Close()
	if f.detach {
		return a.detach(ctx, j, job.spec, name)
	}
	printer, err := f.show.printer(a)
	if err != nil {
		return err
	}
	if job.spec.Scope, err = f.scope(job.spec.Graph); err != nil {
		return usage(err, "slipway plan PLAN --graph text")
	}
	job.spec.By, job.spec.Why = actor(f.by), f.why
	job.spec.Wait, job.spec.KeepGoing, job.spec.Replan = !f.noWait, f.keepGoing, f.replan
	if f.workers < 0 {
		return usage(fmt.Errorf("--workers %d: want a number above 0", f.workers), "")
	}
	if f.workers > 0 {
		job.engine.Pools = map[string]int{}
		for _, t := range job.spec.Graph.Tasks {
			job.engine.Pools[t.Pool] = f.workers
		}
	}

	ctx, stop := interruptible(ctx, f.timeout)
	defer stop()
	id := engine.RunID(job.spec.Product, job.spec.Version, job.spec.Build)
	if _, err := j.Run(ctx, id); errors.Is(err, engine.ErrNoRun) {
		if err := job.tryKeys(ctx); err != nil {
			return fail(exitCheckFailed, err, "mend it, then: slipway check "+name)
		}
	}
	tail, err := startTail(ctx, j, id, printer)
	if err != nil {
		return err
	}
	began := time.Now().Truncate(time.Millisecond) // as the journal keeps times
	out, err := job.engine.Run(ctx, job.spec)
	if unread := tail.stop(err); unread != nil {
		fmt.Fprintln(a.stderr, firstLine(unread.Error()))
	}
	fmt.Fprint(a.stderr, savedBy(job.store.Counts()))
	if err == nil {
		err = a.tellNotes(context.WithoutCancel(ctx), j, id, began)
	}
	if err != nil {
		return cmp.Or(cutShort(ctx, id, err.Error()), refused(err, id))
	}
	if err := job.tellFailures(context.WithoutCancel(ctx), out); err != nil {
		fmt.Fprintf(a.stderr, "the drivers were not told of the failures: %s\n", firstLine(err.Error()))
	}
	return judge(ctx, out, f.keepGoing)
}

// savedBy says in one line what the cache spared this run; nothing where
// nothing was asked of it.
func savedBy(spaces map[string]cache.Counts) string {
	var c cache.Counts
	for _, space := range spaces {
		c.Add(space)
	}
	if c.Hits+c.Misses == 0 {
		return ""
	}
	return fmt.Sprintf("cache: %d of %d look-ups were hits (%s); %s and %s of work saved\n",
		c.Hits, c.Hits+c.Misses, hitRate(c), humanize.Bytes(uint64(c.BytesSaved)), seconds(c.SecondsSaved))
}

// scope is the tasks that --until and --only ask for.
func (f runFlags) scope(g pipeline.Graph) (func(pipeline.Task) bool, error) {
	if f.until == "" && len(f.only) == 0 {
		return nil, nil
	}
	var stages []string // in the order of the graph
	for _, t := range g.Tasks {
		if !slices.Contains(stages, t.Stage) {
			stages = append(stages, t.Stage)
		}
	}
	last := slices.Index(stages, f.until)
	if f.until != "" && last < 0 {
		return nil, fmt.Errorf("no stage %q in the plan; it has %s", f.until, strings.Join(stages, ", "))
	}
	var picks []pipeline.Selection
	for _, text := range f.only {
		sel, err := pipeline.Select(text)
		if err != nil {
			return nil, err
		}
		picks = append(picks, sel)
	}
	in := func(t pipeline.Task) bool {
		if f.until != "" && slices.Index(stages, t.Stage) > last {
			return false
		}
		return len(picks) == 0 || slices.ContainsFunc(picks, func(s pipeline.Selection) bool { return s.Picks(t, "", "") })
	}
	if !slices.ContainsFunc(g.Tasks, in) {
		return nil, fmt.Errorf("nothing matches %s", strings.Join(f.only, ", "))
	}
	return in, nil
}

func workersFlag(cmd *cobra.Command, n *int) {
	cmd.Flags().IntVar(n, "workers", 0, "run `N` tasks of each pool at once, whatever slipway.yaml says")
}
