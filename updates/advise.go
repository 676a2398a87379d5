package updates

import (
	"cmp"
	"fmt"
	"slices"
)

// AdviseJob asks which prior versions deserve a partial. Prices turn what a
// partial costs us into bytes that users must save by it, so that one number
// decides; limits hold whatever the prices say.
type AdviseJob struct {
	Priors      []Prior      `json:"priors"`
	StoredPrice float64      `json:"stored_price"` // user bytes that a stored byte must save
	CPUPrice    float64      `json:"cpu_price"`    // user bytes that a CPU second must save
	Limits      AdviseLimits `json:"limits"`
}

// AdviseLimits bound a choice; zero is no limit.
type AdviseLimits struct {
	PerPlatform int     `json:"per_platform,omitempty"` // partials beside one complete
	Stored      int64   `json:"stored,omitempty"`       // bytes of all partials
	CPUSeconds  float64 `json:"cpu_seconds,omitempty"`  // to make all partials
}

// Prior is a version that users of a platform run, with what is known of the
// update from it. Sizes and times are per locale.
type Prior struct {
	Version      string  `json:"version"`
	Platform     string  `json:"platform"`
	Users        int64   `json:"users"`
	Locales      int64   `json:"locales,omitempty"`       // that would get a partial each; 0 is 1
	CompleteSize int64   `json:"complete_size,omitempty"` // may stand in one row of a platform only
	PartialSize  int64   `json:"partial_size,omitempty"`  // 0: not measured
	CPUSeconds   float64 `json:"cpu_seconds,omitempty"`   // 0: not measured
}

// Choice is a prior with what a partial for it would bring and cost.
type Choice struct {
	Prior
	Estimated bool  `json:"estimated,omitempty"` // PartialSize is a guess
	Saved     int64 `json:"saved"`               // bytes that all its users need not download
	Stored    int64 `json:"stored"`              // bytes of its partials, all locales
	Advised   bool  `json:"advised"`

	gain float64 // Saved less the price of the costs
}

// Advice is the choice that gains most within the limits, every prior with its
// verdict, best first.
type Advice struct {
	Choices    []Choice `json:"choices,omitempty"`
	Saved      int64    `json:"saved"` // sums over what is advised
	Stored     int64    `json:"stored"`
	CPUSeconds float64  `json:"cpu_seconds"`
	// Proven says that no other choice gains more. With very many priors and
	// tight limits the search may end before it has seen to that.
	Proven bool `json:"proven"`
}

// unmeasuredShare is the size of a partial against its complete when nothing
// like it was measured. Mozilla's were 35 to 70 percent in 2012 (7.4 to 14 MB
// of 20 MB), and modern differs are better.
const unmeasuredShare = 0.5

// Advise weighs what users save against what partials cost.
func Advise(job AdviseJob) (Advice, error) {
	choices, err := weigh(job)
	if err != nil {
		return Advice{}, err
	}
	var a Advice
	a.Proven = choose(choices, job.Limits)
	for _, c := range choices {
		if c.Advised {
			a.Saved += c.Saved
			a.Stored += c.Stored
			a.CPUSeconds += c.totalCPU()
		}
	}
	a.Choices = choices
	return a, nil
}

func (c Choice) totalCPU() float64 { return c.CPUSeconds * float64(c.Locales) }

// weigh completes the rows and puts a price on each, best gain first.
func weigh(job AdviseJob) ([]Choice, error) {
	completes := map[string]int64{}
	for _, p := range job.Priors {
		if p.Users < 0 || p.Locales < 0 || p.CompleteSize < 0 || p.PartialSize < 0 || p.CPUSeconds < 0 {
			return nil, fmt.Errorf("%s on %s: a number below zero", p.Version, p.Platform)
		}
		if old, ok := completes[p.Platform]; ok && p.CompleteSize != 0 && old != p.CompleteSize {
			return nil, fmt.Errorf("%s: two sizes of one complete, %d and %d", p.Platform, old, p.CompleteSize)
		}
		if p.CompleteSize != 0 {
			completes[p.Platform] = p.CompleteSize
		}
	}
	seen := map[[2]string]bool{}
	var out []Choice
	for _, p := range job.Priors {
		if id := [2]string{p.Version, p.Platform}; seen[id] {
			return nil, fmt.Errorf("%s on %s is listed twice", p.Version, p.Platform)
		} else {
			seen[id] = true
		}
		if p.CompleteSize = completes[p.Platform]; p.CompleteSize == 0 {
			return nil, fmt.Errorf("%s: the size of its complete is missing", p.Platform)
		}
		p.Locales = max(p.Locales, 1)
		c := Choice{Prior: p, Estimated: p.PartialSize == 0}
		if c.Estimated {
			c.PartialSize = int64(share(job.Priors, completes, p) * float64(p.CompleteSize))
		}
		c.Saved = p.Users * max(p.CompleteSize-c.PartialSize, 0)
		c.Stored = c.PartialSize * p.Locales
		c.gain = float64(c.Saved) - job.StoredPrice*float64(c.Stored) - job.CPUPrice*c.totalCPU()
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Choice) int {
		return cmp.Or(cmp.Compare(b.gain, a.gain), cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Version, b.Version))
	})
	return out, nil
}

// share estimates partial over complete: as measured for this version on other
// platforms, else for other versions on this platform, else at all.
func share(priors []Prior, completes map[string]int64, of Prior) float64 {
	for _, like := range []func(Prior) bool{
		func(p Prior) bool { return p.Version == of.Version },
		func(p Prior) bool { return p.Platform == of.Platform },
		func(Prior) bool { return true },
	} {
		var sum float64
		var n int
		for _, p := range priors {
			if p.PartialSize > 0 && completes[p.Platform] > 0 && like(p) {
				sum += float64(p.PartialSize) / float64(completes[p.Platform])
				n++
			}
		}
		if n > 0 {
			return sum / float64(n)
		}
	}
	return unmeasuredShare
}
