package release

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"slipway/release/git"
	"slipway/release/pipeline"
)

// stepArgs are programs that run in a checkout of the main repository.
type stepArgs struct {
	URL       string            `json:"url"`
	Directory string            `json:"directory,omitempty"` // all that is checked out; default: everything
	Steps     [][]string        `json:"steps"`
	Env       map[string]string `json:"env"`
	Pass      []string          `json:"pass,omitempty"`
	Output    string            `json:"output"`
}

// steps are a platform's argument lists with the candidate's names filled in.
func (g *graph) steps(id string, steps [][]string, output string) stepArgs {
	p, c := g.plan, g.plan.Config.Platforms[id]
	main, _ := p.repository(mainRepository)
	args := stepArgs{URL: main.URL, Env: map[string]string{}, Pass: c.Pass, Output: g.fill(output)}
	for _, argv := range steps {
		var filled []string
		for _, a := range argv {
			filled = append(filled, g.fill(a))
		}
		args.Steps = append(args.Steps, filled)
	}
	for k, v := range c.Env {
		args.Env[k] = g.fill(v)
	}
	for k, v := range map[string]string{
		"SLIPWAY_PRODUCT": p.Config.Product, "SLIPWAY_VERSION": p.Version, "SLIPWAY_BUILDID": p.BuildID,
		"SLIPWAY_PLATFORM": id, "SLIPWAY_CHANNEL": p.Config.Channel, "SLIPWAY_OUTPUT": args.Output,
		"SOURCE_DATE_EPOCH": fmt.Sprint(p.Date.Unix()),
	} {
		args.Env[k] = v
	}
	return args
}

// runSteps runs the steps in an empty directory with the files of a commit, and
// collects what they left. bring, if any, lays what they work on into a directory
// of theirs and tells them by environment variables where it is.
//
// The place follows from the task, so an attempt finds, and clears away, what
// a killed one left: first the processes, then the files. What steps leave
// running ends with them: it would go on writing into the output.
func (e Env) runSteps(ctx context.Context, c pipeline.Call, m *git.Mirror, rev string, args stepArgs, bring func(dir string) ([]string, error), collect func(output string) error) error {
	dir := e.scratch(c)
	src := filepath.Join(dir, "source")
	if err := endOrphans(ctx, dir); err != nil {
		return pipeline.Fail(pipeline.Infra, "an earlier attempt still runs", err)
	}
	if err := errors.Join(clearScratch(dir), os.MkdirAll(src, 0o755)); err != nil {
		return err
	}
	defer func() {
		// What stays is cleared by the next attempt, or told by it.
		_ = errors.Join(endOrphans(context.WithoutCancel(ctx), dir), clearScratch(dir))
	}()
	if err := m.Checkout(ctx, rev, args.Directory, src); err != nil {
		return pipeline.Fail(pipeline.Infra, "the source could not be checked out", err)
	}
	env, err := stepEnv(dir, rev, args)
	if err != nil {
		return err
	}
	if bring != nil {
		more, err := bring(dir)
		if err != nil {
			return err
		}
		env = append(env, more...)
	}
	log := &listener{w: c.Log}
	for _, text := range c.Task.Try.Transient {
		re, err := regexp.Compile(text)
		if err != nil {
			return err
		}
		log.words = append(log.words, re)
	}
	for i, argv := range args.Steps {
		fmt.Fprintf(c.Log, "step %d of %d: %q\n", i+1, len(args.Steps), argv)
		if err := runStep(ctx, src, env, argv, log); err != nil {
			if log.heard() {
				return pipeline.Fail(pipeline.Infra, "a build step failed for a reason that may pass", fmt.Errorf("step %d, %s: %w", i+1, argv[0], err))
			}
			return pipeline.Fail(pipeline.Input, "a build step failed", fmt.Errorf("step %d, %s: %w", i+1, argv[0], err))
		}
	}
	if err := endOrphans(ctx, dir); err != nil {
		return pipeline.Fail(pipeline.Infra, "what a build left running does not end", err)
	}
	return collect(filepath.Join(src, filepath.FromSlash(args.Output)))
}

func noOutput(name string, err error) error {
	return pipeline.Fail(pipeline.Input, "declared output missing", fmt.Errorf("the steps left no %s: %w", name, err))
}
