package release

import (
	"context"
	"encoding/json"
	"fmt"

	"slipway/release/pipeline"
	"slipway/updates"
)

// Finding is one thing that the preflight looked at.
type Finding struct {
	What string `json:"what"` // "versions", "tags", …
	OK   bool   `json:"ok"`
	Text string `json:"text"`
}

// Check is the preflight: it looks at everything that could stop the plan
// later, and reports all of it. It changes nothing.
func Check(ctx context.Context, p *Plan, e Env) []Finding {
	c := &checker{plan: p, env: e}
	c.versions(ctx)
	c.locales(ctx)
	c.partners()
	c.priors(ctx)
	c.published()
	c.tags(ctx)
	c.keys(ctx)
	c.imports(ctx)
	c.mails()
	c.rollouts()
	c.programs()
	c.space()
	return c.found
}

type checker struct {
	plan  *Plan
	env   Env
	found []Finding
}

func (c *checker) ok(what, format string, args ...any) {
	c.found = append(c.found, Finding{what, true, fmt.Sprintf(format, args...)})
}

func (c *checker) bad(what string, errs ...error) {
	for _, err := range errs {
		if err != nil {
			c.found = append(c.found, Finding{what, false, err.Error()})
		}
	}
}

// versions: a tree that is ahead of the request is the wrong revision.
func (c *checker) versions(ctx context.Context) {
	p := c.plan
	want, err := ParseVersion(p.Config.VersionScheme, p.Version)
	if err != nil {
		c.bad("versions", err)
		return
	}
	main, _ := p.repository(mainRepository)
	m, err := openMirror(ctx, c.env.Git, c.env.Root, main.Name, main.URL)
	if err != nil {
		c.bad("versions", err)
		return
	}
	for _, f := range p.Config.VersionFiles {
		text, err := m.ReadFile(ctx, main.Revision, f.Path)
		if err != nil {
			c.bad("versions", err)
			continue
		}
		_, was, err := f.bump(string(text), want)
		if err != nil {
			c.bad("versions", err)
			continue
		}
		have, err := ParseVersion(p.Config.VersionScheme, was)
		switch {
		case err != nil:
			c.bad("versions", fmt.Errorf("%s: %w", f.Path, err))
		case f.Holds == "version" && have.Compare(want) > 0:
			c.bad("versions", fmt.Errorf("%s says %s, which is newer than %s: is %s the right revision?", f.Path, have, want, main.Revision))
		case was == want.text || f.Holds == "app-version" && was == want.App():
			c.ok("versions", "%s says %s", f.Path, was)
		default:
			c.ok("versions", "%s says %s; the release branch will say %s", f.Path, was, want)
		}
	}
}

// priors: every complete is there, is what it was when planned, and unpacks.
func (c *checker) priors(ctx context.Context) {
	unpacker := updates.Builder{Store: c.env.Store}
	for _, prior := range c.plan.Priors {
		n := 0
		for _, id := range sortedKeys(prior.MARs) {
			for _, code := range sortedKeys(prior.MARs[id]) {
				mar := prior.MARs[id][code]
				_, err := c.env.prior(ctx, pipeline.Call{}, priorArgs{Publish: c.plan.Config.Publish.Directory, MAR: mar})
				if err == nil {
					_, _, err = unpacker.Unpack(ctx, mar.Digest)
				}
				if err != nil {
					c.bad("priors", fmt.Errorf("%s: %w", mar.Path, err))
					continue
				}
				n++
			}
		}
		c.ok("priors", "%s: %d completes are there and sound", prior.Version, n)
	}
}

// tags: free, or already marking what they should.
func (c *checker) tags(ctx context.Context) {
	for _, t := range Graph(c.plan).Tasks {
		if t.Kind != "tag" {
			continue
		}
		var args tagArgs
		if err := json.Unmarshal(t.Args, &args); err != nil {
			c.bad("tags", err)
			continue
		}
		_, there, err := c.env.tagProbe(ctx, pipeline.Call{}, args)
		switch {
		case err != nil:
			c.bad("tags", err)
		case there:
			c.ok("tags", "%s: already tagged, and right", args.Repository)
		default:
			c.ok("tags", "%s: %s is free", args.Repository, c.plan.Tags.Build)
		}
	}
}
