package release

import (
	"fmt"
	"time"

	"slipway/release/pipeline"
	"slipway/repack"
)

// verifyArgs name the priors in the order of the needs after the MARs.
type verifyArgs struct {
	Priors []verifyPrior `json:"priors,omitempty"`
}

type verifyPrior struct {
	Version string `json:"version"`
	Partial string `json:"partial"` // the name of its MAR
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

// verifySignaturesArgs name the key whose signatures count.
type verifySignaturesArgs struct {
	Fingerprint string    `json:"fingerprint"`
	Publish     string    `json:"publish"`
	Base        string    `json:"base"`
	When        time.Time `json:"when"`
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
					args.Priors = append(args.Priors, verifyPrior{prior.Version, partialPath(platform, code, p.Config.Product, prior.Version, p.Version)})
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
		if len(platform.Programs) > 0 {
			v.builds = append(v.builds, g.verifyPrograms(id))
		}
	}
	v.builds = append(v.builds, g.add(pipeline.Task{
		ID: "verify/candidates", Title: "compare the candidates directory with what it should hold",
		Stage: stageVerify, Kind: "verify-candidates", Needs: []string{candidates}, Pool: "cpu", Effect: pipeline.Idempotent,
	}, verifyCandidateArgs{Publish: p.Config.Publish.Directory, Base: p.candidateBase()}))
	if k := g.key(); k.Fingerprint != "" {
		v.builds = append(v.builds, g.add(pipeline.Task{
			ID: "verify/signatures", Title: "verify the signature of every deliverable",
			Stage: stageVerify, Kind: "verify-signatures", Needs: []string{candidates}, Pool: "cpu",
		}, verifySignaturesArgs{Fingerprint: k.Fingerprint, Publish: p.Config.Publish.Directory, Base: p.candidateBase(), When: p.Date}))
	}
	return v
}
