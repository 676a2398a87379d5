package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"slipway/cache"
	"slipway/release"
	"slipway/release/engine"
	"slipway/release/pipeline"
)

// job is a release that is ready to be driven.
type job struct {
	spec   engine.RunSpec
	engine *engine.Engine
	store  *cache.Store
	plan   *release.Plan
	env    release.Env
}

// tryKeys has every key sign a trial before a release begins, if what it is to do
// signs anything: a wrong passphrase is found now, and not behind the builds.
func (j *job) tryKeys(ctx context.Context) error {
	signs := func(t pipeline.Task) bool {
		return strings.HasPrefix(t.Kind, "sign") && (j.spec.Scope == nil || j.spec.Scope(t))
	}
	if !slices.ContainsFunc(j.spec.Graph.Tasks, signs) {
		return nil
	}
	var errs []error
	for _, k := range release.Keys(ctx, j.plan, j.env) {
		if k.Problem != "" {
			errs = append(errs, fmt.Errorf("the %s key: %s", k.Purpose, k.Problem))
		}
	}
	return errors.Join(errs...)
}

// tellFailures writes to those who decide, if they have a list, that the run ended
// with failures: nobody may be looking. What stops a mail stops no release.
func (j *job) tellFailures(ctx context.Context, out engine.Outcome) error {
	if out.Standing != pipeline.Broken || len(out.Causes) == 0 {
		return nil
	}
	i := slices.IndexFunc(j.spec.Graph.Tasks, func(t pipeline.Task) bool { return t.ID == out.Causes[0].Tasks[0] })
	return j.env.MailFailure(ctx, j.plan, j.spec.Graph.Tasks[i].Stage, out.Causes)
}

// loadJob turns a plan's file, or the name of a release that ran before, into
// a graph and the functions behind it.
func (a *app) loadJob(ctx context.Context, j *engine.Journal, name string) (*job, error) {
	plan, origin, err := a.findPlan(ctx, j, name)
	if err != nil {
		return nil, err
	}
	root := productDir(origin, plan)
	if _, err := os.Stat(root); err != nil {
		// What is published would lie at the old place, where nobody looks.
		return nil, fail(exitConflict, fmt.Errorf("%s was run from %s, which is gone: %w", plan.Candidate, root, err), "slipway run PLAN, with the plan's file where it is now")
	}
	env, err := a.releaseEnv(root)
	if err != nil {
		return nil, err
	}
	return &job{
		store: env.Store, plan: plan, env: env,
		engine: &engine.Engine{
			Journal: j, Kinds: release.Kinds(env), Pools: plan.Config.Pools, Secrets: env.Secrets, Now: time.Now,
			Has: func(d string) bool { return env.Store.Has(cache.Digest(d)) },
		},
		spec: engine.RunSpec{
			Product: plan.Config.Product, Version: plan.Version, Build: plan.Build, Channel: channels(plan),
			Graph: release.Graph(plan), PlanDigest: string(plan.Digest()), Plan: plan.Encode(), Origin: origin,
		},
	}, nil
}

// findPlan gives the plan of a release that ran before, or of a plan's file, and
// where its file lies.
func (a *app) findPlan(ctx context.Context, j *engine.Journal, name string) (plan *release.Plan, origin string, err error) {
	if run, err := j.Run(ctx, name); err == nil {
		text, err := j.Plan(ctx, name)
		if err != nil {
			return nil, "", err
		}
		if plan, err = release.ParsePlan(text); err != nil {
			return nil, "", fail(exitConfig, fmt.Errorf("plan of %s: %w", name, err), "slipway help plan")
		}
		return plan, run.Origin, nil
	}
	_, err = os.Stat(name)
	switch {
	case err != nil && (!strings.ContainsAny(name, `/\.`) || errors.Is(err, os.ErrNotExist) && !strings.HasSuffix(name, ".json")):
		return nil, "", a.unknownRun(ctx, j, name)
	case err != nil:
		return nil, "", fail(exitUsage, err, "slipway plan VERSION --build N --rev REVISION")
	}
	if plan, _, err = loadPlan(name); err != nil {
		return nil, "", err
	}
	origin, err = filepath.Abs(name)
	return plan, origin, err
}

// productDir is the directory that a plan's relative paths are about: it lies
// so from the plan's own file.
func productDir(origin string, plan *release.Plan) string {
	return filepath.Join(filepath.Dir(origin), filepath.FromSlash(plan.Root))
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
