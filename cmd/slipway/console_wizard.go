package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"slipway/release"
	mails "slipway/release/mail"
	"slipway/tui"
)

// Suggest proposes version, build and revisions from what was published and
// from the repositories' branches. They are proposals: a plan pins what a
// person confirmed.
func (s *consoleSource) Suggest(ctx context.Context) (tui.Suggestion, error) {
	file, err := release.Load(s.app.configPlace(s.cmd).path)
	if err != nil {
		return tui.Suggestion{}, err
	}
	world := s.app.world(file)
	var out tui.Suggestion
	next, err := release.Suggest(ctx, file.Config, world)
	if err != nil {
		return out, err
	}
	out.Version, out.Build, out.Priors, out.Usual = next.Version, next.Build, next.Priors, next.Usual
	out.Recent = map[string][]tui.Commit{}
	for _, name := range next.Repositories {
		out.Repositories = append(out.Repositories, name)
		for _, c := range next.Recent[name] {
			out.Recent[name] = append(out.Recent[name], tui.Commit{
				Revision: c.Revision, Author: c.Author, When: c.When.Format("2006-01-02"), Subject: c.Subject,
			})
		}
	}
	return out, nil
}

// resolve makes the plan of a draft, in memory.
func (s *consoleSource) resolve(ctx context.Context, d tui.Draft) (*release.Plan, *release.File, string, error) {
	file, err := release.Load(s.app.configPlace(s.cmd).path)
	if err != nil {
		return nil, nil, "", err
	}
	v, err := release.ParseVersion(file.Config.VersionScheme, d.Version)
	if err != nil {
		return nil, nil, "", err
	}
	out := filepath.Join(filepath.Dir(file.Path), "plans", release.CandidateName(file.Config.Product, v, d.Build)+".json")
	root, err := leadsTo(out, file.Root)
	if err != nil {
		return nil, nil, "", err
	}
	plan, err := release.Resolve(ctx, file.Config, release.Request{
		Version: d.Version, Build: d.Build, Urgency: d.Urgency, Revisions: d.Revisions, From: d.From, Root: root,
	}, s.app.world(file))
	return plan, file, out, err
}

// Preview says what a draft would do, and what its preflight finds.
func (s *consoleSource) Preview(ctx context.Context, d tui.Draft) (tui.Preview, error) {
	plan, file, _, err := s.resolve(ctx, d)
	if err != nil {
		return tui.Preview{}, err
	}
	p := tui.Preview{Candidate: plan.Candidate, Digest: string(plan.Digest()), Command: planCommandLine(d)}
	stages := map[string]int{}
	var order []string
	graph := release.Graph(plan)
	for _, t := range graph.Tasks {
		if stages[t.Stage]++; stages[t.Stage] == 1 {
			order = append(order, t.Stage)
		}
	}
	p.Lines = []string{
		fmt.Sprintf("platforms %d, locales %d, partners %d", len(plan.Config.Platforms), len(plan.Locales), len(plan.Partners)),
		"partials from " + plan.PriorNames(),
	}
	if line := plan.RolloutLine(); line != "" {
		p.Lines = append(p.Lines, "rollout to "+line)
	}
	for _, stage := range order {
		p.Stages = append(p.Stages, tui.StagePreview{Name: stage, Tasks: stages[stage]})
	}
	if p.Estimate, err = s.j.Estimate(ctx, plan.Config.Product, graph); err != nil {
		return p, err
	}
	if p.Since, p.Differences, err = s.sinceLast(ctx, plan); err != nil {
		return p, err
	}
	env, err := s.app.releaseEnv(file.Root)
	if err != nil {
		return p, err
	}
	defer env.Store.Close()
	for _, f := range s.app.preflight(ctx, plan, env) {
		if f.OK {
			p.Checked = append(p.Checked, f.What+": "+f.Text)
		} else {
			p.Problems = append(p.Problems, f.What+": "+f.Text)
		}
	}
	if plan.Config.Mail.From == "" {
		p.Mail = "slipway.yaml names no sender: nobody is told by mail."
		return p, nil
	}
	m, err := release.ComposeMail(plan, mails.GoToBuild, release.Told{}, plan.Date)
	if err != nil {
		return p, err
	}
	p.Mail = "To: " + strings.Join(m.To, ", ") + "\nSubject: " + m.Subject + "\n\n" + m.Body
	return p, nil
}

// follows are the values of a plan that are others in each release: no news.
func follows(difference string) bool {
	name := difference[2:] // after "+ ", "- " or "~ "
	return slices.ContainsFunc([]string{"candidate:", "version:", "build:", "date:", "tags.", "changes.", "priors.", "older."},
		func(head string) bool { return strings.HasPrefix(name, head) })
}

// sinceLast compares a plan with that of the product's latest run; what
// follows from the version is left out.
func (s *consoleSource) sinceLast(ctx context.Context, plan *release.Plan) (last string, differences []string, err error) {
	runs, err := s.j.Runs(ctx)
	if err != nil {
		return "", nil, err
	}
	for _, r := range runs {
		if r.Product != plan.Config.Product || r.ID == plan.Candidate {
			continue
		}
		text, err := s.j.Plan(ctx, r.ID)
		if err != nil {
			return "", nil, err
		}
		before, err := release.ParsePlan(text)
		if err != nil {
			return "", nil, nil // of another version of slipway: nothing to compare
		}
		return r.ID, slices.DeleteFunc(release.DiffPlans(before, plan), follows), nil
	}
	return "", nil, nil
}
