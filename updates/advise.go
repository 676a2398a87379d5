package updates

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
	Locales      int64   `json:"locales,omitempty"`       // that would get a partial each; 0: not known
	CompleteSize int64   `json:"complete_size,omitempty"` // may stand in one row of a platform only
	PartialSize  int64   `json:"partial_size,omitempty"`  // 0: not measured
	CPUSeconds   float64 `json:"cpu_seconds,omitempty"`   // 0: not measured
}

// Choice is a prior with what a partial for it would bring and cost.
type Choice struct {
	Prior
	Estimated        bool  `json:"estimated,omitempty"`         // PartialSize is a guess
	CPUEstimated     bool  `json:"cpu_estimated,omitempty"`     // CPUSeconds is
	LocalesEstimated bool  `json:"locales_estimated,omitempty"` // Locales is
	Saved            int64 `json:"saved"`                       // bytes that all its users need not download
	Stored           int64 `json:"stored"`                      // bytes of its partials, all locales
	Advised          bool  `json:"advised"`

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
