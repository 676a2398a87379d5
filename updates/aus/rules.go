package aus

import (
	"bytes"
	"encoding/json"
	"slices"

	"slipway/updates/mar"
)

// ruleSteps are the rules that make an update server of Balrog's kind do what
// our own files do, a set for each share: who runs such a server enacts a set
// when the step is approved. The field names are Balrog's.
type ruleSteps struct {
	Release string     `json:"release"`
	Steps   []ruleStep `json:"steps"`
}

type ruleStep struct {
	Share int    `json:"share"`
	Rules []rule `json:"rules"`
}

type rule struct {
	Priority int    `json:"priority"` // the highest that matches wins
	Product  string `json:"product"`
	Channel  string `json:"channel"`
	Version  string `json:"version,omitempty"` // that clients run: <11.5
	Mapping  string `json:"mapping"`           // a release blob
	// FallbackMapping is for those outside the rate; none: nothing newer.
	FallbackMapping string `json:"fallbackMapping,omitempty"`
	BackgroundRate  int    `json:"backgroundRate"` // percent of checks without force=1
	UpdateType      string `json:"update_type"`
}

// mainPriority is what a product's plain rule has by convention; watersheds
// stand above it, the oldest highest.
const mainPriority = 100

// rules writes the sets. The last is the state after the rollout.
func (r *Release) rules() ([]byte, error) {
	all := ruleSteps{Release: r.Newest.Name}
	for _, share := range append(slices.Clone(r.Shares), buckets) {
		step := ruleStep{Share: share}
		for _, c := range r.Channels {
			if c.Throttled {
				step.Rules = append(step.Rules, r.rulesAt(c.Name, share)...)
			}
		}
		all.Steps = append(all.Steps, step)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // people read the versions' "<"
	enc.SetIndent("", "  ")
	err := enc.Encode(all)
	return b.Bytes(), err
}

func (r *Release) rulesAt(channel string, share int) []rule {
	offers := r.offers()
	var list []rule
	for i, o := range offers {
		// A client that runs more than one step behind comes to the first.
		x := rule{
			Priority: mainPriority + 10*(len(offers)-1-i), Product: r.Product, Channel: channel,
			Mapping: o.Name, BackgroundRate: buckets, UpdateType: minor,
		}
		if o != &r.Newest {
			x.Version = "<" + o.AppVersion
		} else if share < buckets {
			x.BackgroundRate, x.FallbackMapping = share, r.newestPrior()
		}
		list = append(list, x)
	}
	return list
}

// newestPrior is what clients were offered before this release.
func (r *Release) newestPrior() string {
	var newest *Prior
	for i := range r.Priors {
		if p := &r.Priors[i]; newest == nil || mar.CompareVersions(p.AppVersion, newest.AppVersion) > 0 {
			newest = p
		}
	}
	if newest == nil {
		return ""
	}
	return newest.Name
}

func rulesName(o *Offer) string { return "blobs/" + o.Name + ".rules.json" }
