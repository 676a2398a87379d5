package release

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"slipway/cache"
	"slipway/release/pipeline"
	"slipway/repack"
	"slipway/updates"
)

// verifyArgs name the priors in the order of the needs after the MARs.
type verifyArgs struct {
	Priors []string `json:"priors,omitempty"`
}

type verifyLocalesArgs struct {
	Locales []string            `json:"locales"`  // of the needs, en-US first
	AppRoot string              `json:"app_root"` // that the rules start from
	Rules   []repack.LocaleRule `json:"rules"`    // where they may differ
}

type verifyCandidateArgs struct {
	Publish string `json:"publish"`
	Base    string `json:"base"`
}

// verified are the tasks that prove the builds, and those that prove updates.
type verified struct{ builds, updates []string }

// verify proves what QA would otherwise have to: every update applied, every
// locale different only where it may be, the candidate complete.
func (g *graph) verify(candidates string) verified {
	p := g.plan
	var v verified
	for _, id := range g.platforms() {
		platform := p.Config.Platforms[id]
		for _, code := range p.codes(id) {
			t := pipeline.Task{
				ID: "verify/" + id + "/" + code, Title: fmt.Sprintf("apply every update of %s for %s", code, platform.Title),
				Stage: stageVerify, Kind: "verify-updates", Needs: g.mars[cell{id, code}], Pool: "cpu", Try: slow,
				Platform: id, Locale: code,
			}
			var args verifyArgs
			for _, prior := range p.Priors {
				if _, ok := prior.MARs[id][code]; ok {
					args.Priors = append(args.Priors, prior.Version)
					t.Needs = append(t.Needs, "updates/"+id+"/"+code+"/prior-"+prior.Version)
				}
			}
			v.updates = append(v.updates, g.add(t, args))
		}
		if codes := p.codes(id); len(codes) > 1 {
			t := pipeline.Task{
				ID: "verify/" + id + "/locales", Title: "compare the locales for " + platform.Title,
				Stage: stageVerify, Kind: "verify-locales", Pool: "cpu", Platform: id,
			}
			for _, code := range codes {
				t.Needs = append(t.Needs, g.packages[cell{id, code}])
			}
			v.builds = append(v.builds, g.add(t, verifyLocalesArgs{Locales: codes, AppRoot: platform.appRoot(), Rules: g.rules()}))
		}
	}
	v.builds = append(v.builds, g.add(pipeline.Task{
		ID: "verify/candidates", Title: "compare the candidates directory with what it should hold",
		Stage: stageVerify, Kind: "verify-candidates", Needs: []string{candidates}, Pool: "cpu", Effect: pipeline.Idempotent,
	}, verifyCandidateArgs{Publish: p.Config.Publish.Directory, Base: p.candidateBase()}))
	return v
}

func (e Env) verifyUpdates(ctx context.Context, c pipeline.Call, args verifyArgs) (pipeline.Result[updates.Report], error) {
	var mars []pipeline.File
	priors := map[string]cache.Digest{}
	first := len(c.Needs) - len(args.Priors)
	for i, need := range c.Needs {
		for _, f := range need.Files {
			if i < first {
				mars = append(mars, f)
			} else {
				priors[args.Priors[i-first]] = cache.Digest(f.Digest)
			}
		}
	}
	job, err := verifyJob(mars, priors, args.Priors)
	if err != nil {
		return pipeline.Result[updates.Report]{}, err
	}
	report, err := e.updater(c).Verify(ctx, job)
	for _, v := range report.Updates {
		fmt.Fprintf(c.Log, "%s ok=%v %s\n", v.Name, v.OK, v.Error)
		for _, d := range v.Differences {
			fmt.Fprintf(c.Log, "  %s\n", d)
		}
	}
	return pipeline.Result[updates.Report]{Facts: report}, pipeline.Fail(pipeline.Input, "an update does not give the new release", err)
}

// verifyJob claims for each MAR what it should do: a partial from its own
// prior, the complete from every prior and from nothing.
func verifyJob(mars []pipeline.File, priors map[string]cache.Digest, order []string) (updates.VerifyJob, error) {
	var job updates.VerifyJob
	var complete pipeline.File
	for _, f := range mars {
		if strings.HasSuffix(f.Name, ".complete.mar") {
			complete = f
		}
	}
	if complete.Name == "" {
		return job, errors.New("no complete among the MARs")
	}
	to := updates.Source{MAR: cache.Digest(complete.Digest)}
	job.Updates = append(job.Updates, updates.Update{Name: "complete/on nothing", MAR: to.MAR, To: to})
	for _, version := range order {
		from := updates.Source{MAR: priors[version]}
		job.Updates = append(job.Updates, updates.Update{Name: "complete/on " + version, From: from, MAR: to.MAR, To: to})
		for _, f := range mars {
			if strings.Contains(path.Base(f.Name), "-"+version+"-") && f.Name != complete.Name {
				job.Updates = append(job.Updates, updates.Update{
					Name: "partial/from " + version, From: from, MAR: cache.Digest(f.Digest), To: to,
				})
			}
		}
	}
	return job, nil
}

func (e Env) verifyLocales(ctx context.Context, c pipeline.Call, args verifyLocalesArgs) (pipeline.Result[map[string]int], error) {
	res := pipeline.Result[map[string]int]{Facts: map[string]int{}}
	base, err := e.tree(ctx, c, 0)
	if err != nil {
		return res, err
	}
	var errs []error
	for i := 1; i < len(args.Locales); i++ {
		tree, err := e.tree(ctx, c, i)
		if err != nil {
			return res, err
		}
		changes := repack.Diff(base, tree)
		res.Facts[args.Locales[i]] = len(changes)
		for _, d := range repack.Unexpected(changes, args.AppRoot, args.Rules, args.Locales[i]) {
			errs = append(errs, fmt.Errorf("%s: %s: %s, and no rule in slipway.yaml lets it", args.Locales[i], d.Path, d.Kind))
		}
	}
	return res, pipeline.Fail(pipeline.Input, "a locale differs where it must not", errors.Join(errs...))
}

func (e Env) verifyCandidates(ctx context.Context, c pipeline.Call, args verifyCandidateArgs) (pipeline.Result[int], error) {
	list, err := e.candidate(ctx, c.Needs[0])
	if err != nil {
		return pipeline.Result[int]{}, err
	}
	err = compareCandidate(Below(e.Root, args.Publish), args.Base, list)
	return pipeline.Result[int]{Facts: len(list)}, pipeline.Fail(pipeline.Input, "the candidates directory is not complete", err)
}
