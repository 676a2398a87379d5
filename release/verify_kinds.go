package release

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"slipway/cache"
	"slipway/release/pipeline"
	"slipway/repack"
	"slipway/signing"
	"slipway/updates"
)

func (e Env) verifyUpdates(ctx context.Context, c pipeline.Call, args verifyArgs) (pipeline.Result[updates.Report], error) {
	var mars []pipeline.File
	priors := map[string]cache.Digest{}
	first := len(c.Needs) - len(args.Priors)
	for i, need := range c.Needs {
		for _, f := range need.Files {
			if i < first {
				mars = append(mars, f)
			} else {
				priors[args.Priors[i-first].Version] = cache.Digest(f.Digest)
			}
		}
	}
	job, err := verifyJob(mars, priors, args.Priors)
	if err != nil {
		return pipeline.Result[updates.Report]{}, err
	}
	b, done := e.updater(c)
	defer done()
	report, err := b.Verify(ctx, job)
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
func verifyJob(mars []pipeline.File, priors map[string]cache.Digest, order []verifyPrior) (updates.VerifyJob, error) {
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
	for _, prior := range order {
		i := slices.IndexFunc(mars, func(f pipeline.File) bool { return f.Name == prior.Partial })
		if i < 0 {
			return job, fmt.Errorf("no %s among the MARs", prior.Partial)
		}
		from := updates.Source{MAR: priors[prior.Version]}
		job.Updates = append(job.Updates,
			updates.Update{Name: "complete/on " + prior.Version, From: from, MAR: to.MAR, To: to},
			updates.Update{Name: "partial/from " + prior.Version, From: from, MAR: cache.Digest(mars[i].Digest), To: to})
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

// unsigned are the files of a candidate that need no signature: the key itself,
// and what slipway notes for itself and for the next release.
var unsigned = []string{"KEY", releaseJSON, "*_info.txt"}

// verifySignatures counts: every deliverable has one signature, it is good,
// and none stands alone. The public key is the one that is published.
func (e Env) verifySignatures(ctx context.Context, c pipeline.Call, args verifySignaturesArgs) (pipeline.Result[int], error) {
	var res pipeline.Result[int]
	list, err := e.candidate(ctx, c.Needs[0])
	if err != nil {
		return res, err
	}
	job := signing.CheckJob{Exempt: unsigned, Now: args.When}
	var public cache.Digest
	for _, f := range list {
		if err := e.recall(ctx, Below(e.Root, args.Publish), f); err != nil {
			return res, err
		}
		name := strings.TrimPrefix(f.Path, args.Base+"/")
		job.Files = append(job.Files, signing.File{Path: name, Digest: f.Digest})
		if name == "KEY" {
			public = f.Digest
		}
	}
	key, err := e.Store.Bytes(ctx, public, maxList)
	if err != nil {
		return res, fmt.Errorf("KEY: %w", err)
	}
	v, err := signing.NewVerifier(key, args.Fingerprint)
	if err != nil {
		return res, err
	}
	res.Facts, err = v.Check(ctx, e.Store, job)
	fmt.Fprintf(c.Log, "%d good signatures\n", res.Facts)
	return res, pipeline.Fail(pipeline.Input, "a signature is missing or wrong", err)
}
