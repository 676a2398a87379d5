package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"slipway/cache"
	"slipway/release"
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
failed is tried again. A release that was run before can be named instead of its
plan.`,
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
	fl.BoolVar(&f.noWait, "no-wait", false, "end at a gate instead of waiting there")
	fl.BoolVar(&f.replan, "replan", false, "go on although the plan changed since the release began")
	fl.StringVar(&f.by, "by", "", "who starts this, when it is not the user `NAME` of this system")
	fl.StringVar(&f.why, "why", "", "`TEXT` that others read who meet the lock")
	fl.IntVar(&f.workers, "workers", 0, "run `N` tasks of each pool at once, whatever slipway.yaml says")
	fl.DurationVar(&f.timeout, "timeout", 0, "end after `DURATION`; the release can be continued")
	f.show.add(cmd)
	return cmd
}

// errTimeout and errSignal end a run from outside.
var errTimeout = errors.New("--timeout ran out")

type errSignal struct{ os.Signal }

func (e errSignal) Error() string { return e.String() }

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
	if f.workers > 0 {
		job.engine.Pools = map[string]int{}
		for _, t := range job.spec.Graph.Tasks {
			job.engine.Pools[t.Pool] = f.workers
		}
	}

	ctx, stop := interruptible(ctx, f.timeout)
	defer stop()
	id := engine.RunID(job.spec.Product, job.spec.Version, job.spec.Build)
	tail, err := startTail(ctx, j, id, printer)
	if err != nil {
		return cmp.Or(cutShort(ctx, id, "before it began"), err)
	}
	out, err := job.engine.Run(ctx, job.spec)
	tail.stop(err == nil)
	fmt.Fprint(a.stderr, savedBy(job.store.Counts()))
	if err == nil {
		err = a.tellNotes(context.WithoutCancel(ctx), j, id)
	}
	if err != nil {
		return cmp.Or(cutShort(ctx, id, err.Error()), refused(err, id))
	}
	return judge(ctx, out, f.keepGoing)
}

// job is a release that is ready to be driven.
type job struct {
	spec   engine.RunSpec
	engine *engine.Engine
	store  *cache.Store
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

// loadJob turns a plan's file, or the name of a release that ran before, into
// a graph and the functions behind it.
func (a *app) loadJob(ctx context.Context, j *engine.Journal, name string) (*job, error) {
	path := name
	var planText []byte
	if run, err := j.Run(ctx, name); err == nil {
		if planText, err = j.Plan(ctx, name); err != nil {
			return nil, err
		}
		path = run.Origin
	} else if planText, err = os.ReadFile(name); err != nil {
		if !strings.ContainsAny(name, `/\.`) || errors.Is(err, os.ErrNotExist) && !strings.HasSuffix(name, ".json") {
			return nil, a.unknownRun(ctx, j, name)
		}
		return nil, fail(exitUsage, err, "slipway plan VERSION --build N --rev REVISION")
	}
	plan, err := release.ParsePlan(planText)
	if err != nil {
		return nil, fail(exitConfig, fmt.Errorf("plan %s: %w", path, err), "slipway help plan")
	}
	origin, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	root := filepath.Join(filepath.Dir(origin), filepath.FromSlash(plan.Root))
	if _, err := os.Stat(root); err != nil {
		// What is published would lie at the old place, where nobody looks.
		return nil, fail(exitConflict, fmt.Errorf("%s was run from %s, which is gone: %w", plan.Candidate, root, err), "slipway run PLAN, with the plan's file where it is now")
	}
	env, err := a.releaseEnv(root)
	if err != nil {
		return nil, err
	}
	return &job{
		store: env.Store,
		engine: &engine.Engine{
			Journal: j, Kinds: release.Kinds(env), Pools: plan.Config.Pools, Secrets: env.Secrets, Now: time.Now,
			Has: func(d string) bool { return env.Store.Has(cache.Digest(d)) },
		},
		spec: engine.RunSpec{
			Product: plan.Config.Product, Version: plan.Version, Build: plan.Build, Channel: channels(plan),
			Graph: release.Graph(plan), PlanDigest: string(plan.Digest()), Plan: planText, Origin: origin,
		},
	}, nil
}

// channels names what a release changes for users: its channels that are not
// for testing. Two candidates for the same ones exclude each other.
func channels(plan *release.Plan) string {
	var names []string
	for name, c := range plan.Config.Updates.Channels {
		if !c.Test {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "candidates"
	}
	slices.Sort(names)
	return strings.Join(names, "+")
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

// interruptible ends ctx on a signal or after a while, telling which. A closed
// terminal (SIGHUP) ends nothing: a release outlives the window it began in.
func interruptible(ctx context.Context, timeout time.Duration) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	signal.Ignore(syscall.SIGHUP)
	var late <-chan time.Time
	if timeout > 0 {
		late = time.After(timeout)
	}
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals) // a second one kills at once, which is safe too
			cancel(errSignal{s})
		case <-late:
			cancel(errTimeout)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { signal.Stop(signals); cancel(nil) }
}

// judge turns where a run ended into an exit code and the next thing to type.
func judge(ctx context.Context, out engine.Outcome, keepGoing bool) error {
	if out.Standing != pipeline.Done && out.Standing != pipeline.Stopped {
		so := fmt.Sprintf("%d of %d tasks passed", out.Counts.Passed, out.Counts.Total())
		if err := cutShort(ctx, out.Run, so); err != nil {
			return err
		}
	}
	switch out.Standing {
	case pipeline.Done:
		return nil
	case pipeline.Stopped:
		return fail(exitTasksFailed, fmt.Errorf("%s was stopped", out.Run), "slipway history "+out.Run)
	case pipeline.AtGate:
		g := out.Gates[0]
		role := "ROLE"
		if len(g.Missing) > 0 {
			role = g.Missing[0].Role
		}
		return fail(exitHeld, fmt.Errorf("%s is held: %s", out.Run, waits(g)),
			fmt.Sprintf(`slipway approve %s %s --as %s --reason "…"`, out.Run, g.Gate, role))
	case pipeline.Broken:
		code := exitTasksFailed
		if keepGoing {
			code = exitSomeFailed
		}
		hint := "slipway task ls " + out.Run + " state:failed"
		return fail(code, fmt.Errorf("%s: %d failed, %d blocked by that, %d of %d tasks passed",
			out.Run, out.Counts.Failed+out.Counts.Cancelled, out.Counts.Blocked, out.Counts.Passed, out.Counts.Total()), hint)
	}
	return fail(exitInternal, fmt.Errorf("%s ended while it was %s", out.Run, out.Standing), "slipway run "+out.Run)
}

// cutShort tells how a signal or --timeout ended a run from outside, and how
// things stand; nil when neither did.
func cutShort(ctx context.Context, id, so string) error {
	code, how := endedBy(ctx)
	if code == exitDone {
		return nil
	}
	return fail(code, fmt.Errorf("%s: %s, %s", id, how, so), "slipway run "+id)
}

// endedBy is what ended an interruptible context from outside: exitDone is
// nothing.
func endedBy(ctx context.Context) (code int, how string) {
	cause := context.Cause(ctx)
	var s errSignal
	switch {
	case cause == nil:
		return exitDone, ""
	case errors.Is(cause, errTimeout):
		return exitTimeout, cause.Error()
	case errors.As(cause, &s) && s.Signal == syscall.SIGTERM:
		return exitTerminated, "terminated"
	}
	return exitInterrupted, "interrupted"
}

// refused gives the engine's refusals their codes.
func refused(err error, id string) error {
	var held *engine.HeldError
	switch {
	case errors.As(err, &held) && held.Lock.Run == id:
		return fail(exitConflict, err, "slipway watch "+id)
	case errors.As(err, &held):
		return fail(exitConflict, err, "slipway status "+held.Lock.Run)
	case errors.Is(err, engine.ErrOtherPlan):
		return fail(exitConflict, err, "slipway plan PLAN --diff OTHER shows what changed; run --replan goes on with the new one")
	case errors.Is(err, engine.ErrStopped):
		return fail(exitConflict, err, "slipway resume "+id+", or plan the next build number")
	case errors.Is(err, engine.ErrFenced):
		return fail(exitConflict, err, "slipway status "+id)
	}
	return err
}
