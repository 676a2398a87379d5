package release

import (
	"testing"

	"slipway/cache"
	"slipway/release/pipeline"
)

// A version may be the beginning of another: each partial is held against its own
// prior, and one that is missing is named.
func TestVerifyTellsPartialsApart(t *testing.T) {
	t.Parallel()
	platform := Platform{Directory: "linux-x86_64"}
	mars := []pipeline.File{{Name: marPath(platform, "de", "skiff", "1.1.0"), Digest: "to"}}
	priors := map[string]cache.Digest{}
	var order []verifyPrior
	for _, version := range []string{"1.0.0-rc.1", "1.0.0"} {
		name := partialPath(platform, "de", "skiff", version, "1.1.0")
		mars = append(mars, pipeline.File{Name: name, Digest: "patch of " + version})
		priors[version] = cache.Digest("MAR of " + version)
		order = append(order, verifyPrior{version, name})
	}
	job, err := verifyJob(mars, priors, order)
	if err != nil {
		t.Fatal(err)
	}
	partials := 0
	for _, u := range job.Updates {
		for version, prior := range priors {
			if u.Name != "partial/from "+version {
				continue
			}
			partials++
			if u.From.MAR != prior || u.MAR != cache.Digest("patch of "+version) {
				t.Errorf("%s holds %s against %s", u.Name, u.MAR, u.From.MAR)
			}
		}
	}
	if partials != len(order) || len(job.Updates) != 1+2*len(order) {
		t.Errorf("got %+v, want a complete and a partial for each of two priors, and a complete on nothing", job.Updates)
	}
	if _, err := verifyJob(mars[:2], priors, order); err == nil || err.Error() != "no "+order[1].Partial+" among the MARs" {
		t.Errorf("without a partial: %v", err)
	}
}
