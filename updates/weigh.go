package updates

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"slipway/updates/mar"
)

// More users than there are people, times the largest package, still fit 63
// bits; and more locales than there are languages.
const (
	maxUsers   = 10_000_000_000
	maxLocales = 10_000
)

// unmeasuredShare is the size of a partial against its complete when nothing
// like it was measured. Mozilla's were 35 to 70 percent in 2012 (7.4 to 14 MB
// of 20 MB), and modern differs are better.
const unmeasuredShare = 0.5

// check refuses numbers that mean nothing.
func (j AdviseJob) check() error {
	amount := func(f float64) bool { return f >= 0 && !math.IsInf(f, 0) } // nor NaN
	l := j.Limits
	switch {
	case len(j.Priors) == 0:
		return errors.New("lists no prior version")
	case !amount(j.StoredPrice) || !amount(j.CPUPrice):
		return fmt.Errorf("prices %v and %v: want numbers, 0 or more", j.StoredPrice, j.CPUPrice)
	case l.PerPlatform < 0 || l.Stored < 0 || !amount(l.CPUSeconds):
		return fmt.Errorf("limits %d, %d bytes, %v seconds: want numbers, 0 or more", l.PerPlatform, l.Stored, l.CPUSeconds)
	}
	var users int64
	seen := map[[2]string]bool{}
	for i, p := range j.Priors {
		row := fmt.Sprintf("%q on %q", p.Version, p.Platform)
		switch {
		case p.Version == "" || p.Platform == "":
			return fmt.Errorf("row %d, %s: want a version and a platform", i+1, row)
		case seen[[2]string{p.Version, p.Platform}]:
			return fmt.Errorf("%s is listed twice", row)
		case p.Users < 0 || p.Locales < 0 || p.CompleteSize < 0 || p.PartialSize < 0:
			return fmt.Errorf("%s: a number below zero", row)
		case !amount(p.CPUSeconds):
			return fmt.Errorf("%s: %v CPU seconds", row, p.CPUSeconds)
		case p.Users > maxUsers-users || p.Locales > maxLocales:
			return fmt.Errorf("%s: %d users and %d locales are more than there are", row, p.Users, p.Locales)
		case p.CompleteSize > mar.MaxSize || p.PartialSize > mar.MaxSize:
			return fmt.Errorf("%s: packages of %d and %d bytes, a MAR has at most %d", row, p.CompleteSize, p.PartialSize, int64(mar.MaxSize))
		}
		users += p.Users
		seen[[2]string{p.Version, p.Platform}] = true
	}
	return nil
}

// weigh completes the rows and puts a price on each, best gain first.
func weigh(job AdviseJob) ([]Choice, error) {
	if err := job.check(); err != nil {
		return nil, err
	}
	completes := map[string]int64{}
	for _, p := range job.Priors {
		if old, ok := completes[p.Platform]; ok && p.CompleteSize != 0 && old != p.CompleteSize {
			return nil, fmt.Errorf("%s: two sizes of one complete, %d and %d", p.Platform, old, p.CompleteSize)
		}
		if p.CompleteSize != 0 {
			completes[p.Platform] = p.CompleteSize
		}
	}
	sizes := newEstimate(job.Priors, completes, func(p Prior) float64 { return float64(p.PartialSize) })
	times := newEstimate(job.Priors, completes, func(p Prior) float64 { return p.CPUSeconds })
	known := times.all.n > 0
	locales := map[string]int64{} // of the version that has most; later ones seldom have fewer
	for _, p := range job.Priors {
		locales[p.Platform] = max(locales[p.Platform], p.Locales)
	}
	if job.Limits.CPUSeconds > 0 && !known {
		return nil, errors.New("no row says how many CPU seconds a partial takes, so there is nothing to limit")
	}
	var out []Choice
	for _, p := range job.Priors {
		if p.CompleteSize = completes[p.Platform]; p.CompleteSize == 0 {
			return nil, fmt.Errorf("%s: the size of its complete is missing", p.Platform)
		}
		c := Choice{Prior: p, Estimated: p.PartialSize == 0, CPUEstimated: p.CPUSeconds == 0 && known, LocalesEstimated: p.Locales == 0}
		if c.LocalesEstimated {
			c.Locales = max(locales[p.Platform], 1)
		}
		if c.Estimated {
			c.PartialSize = int64(sizes.of(p, unmeasuredShare))
		}
		if c.CPUEstimated {
			c.CPUSeconds = times.of(p, 0)
		}
		c.Saved = p.Users * max(p.CompleteSize-c.PartialSize, 0)
		c.Stored = c.PartialSize * c.Locales
		c.gain = float64(c.Saved) - job.StoredPrice*float64(c.Stored) - job.CPUPrice*c.totalCPU()
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Choice) int {
		return cmp.Or(cmp.Compare(b.gain, a.gain), cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Version, b.Version))
	})
	return out, nil
}

// estimate is the mean of what was measured, per byte of the complete.
type estimate struct {
	byVersion, byPlatform map[string]mean
	all                   mean
}

type mean struct{ sum, n float64 }

func newEstimate(priors []Prior, completes map[string]int64, measured func(Prior) float64) estimate {
	e := estimate{byVersion: map[string]mean{}, byPlatform: map[string]mean{}}
	for _, p := range priors {
		m, size := measured(p), completes[p.Platform]
		if m == 0 || size == 0 {
			continue
		}
		add := func(old mean) mean { return mean{old.sum + m/float64(size), old.n + 1} }
		e.byVersion[p.Version] = add(e.byVersion[p.Version])
		e.byPlatform[p.Platform] = add(e.byPlatform[p.Platform])
		e.all = add(e.all)
	}
	return e
}

// of estimates p: as measured for its version on other platforms, else for
// other versions on its platform, else at all.
func (e estimate) of(p Prior, unmeasured float64) float64 {
	for _, m := range []mean{e.byVersion[p.Version], e.byPlatform[p.Platform], e.all} {
		if m.n > 0 {
			return m.sum / m.n * float64(p.CompleteSize)
		}
	}
	return unmeasured * float64(p.CompleteSize)
}
