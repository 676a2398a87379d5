package updates

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// What is advised gains as much as the best of all subsets.
func TestAdviseIsOptimal(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		job := AdviseJob{StoredPrice: rng.Float64() * 20, CPUPrice: rng.Float64() * 1e6}
		n := 1 + rng.IntN(11)
		for i := range n {
			job.Priors = append(job.Priors, Prior{
				Version: fmt.Sprint(i), Platform: []string{"a", "b", "c"}[rng.IntN(3)],
				Users: rng.Int64N(10_000), Locales: 1 + rng.Int64N(90),
				CompleteSize: 80 << 20, PartialSize: 1 + rng.Int64N(90<<20), CPUSeconds: rng.Float64() * 300,
			})
		}
		if rng.IntN(2) == 0 {
			job.Limits.PerPlatform = 1 + rng.IntN(3)
		}
		if rng.IntN(2) == 0 {
			job.Limits.Stored = rng.Int64N(8 << 30)
		}
		if rng.IntN(2) == 0 {
			job.Limits.CPUSeconds = rng.Float64() * 20_000
		}
		got, err := Advise(job)
		if err != nil {
			t.Fatal(err)
		}
		var gain float64
		for _, c := range got.Choices {
			if c.Advised {
				gain += c.gain
			}
		}
		want, _ := bestSubset(got.Choices, job.Limits)
		if !got.Proven || gain < want-1e-3 || gain > want+1e-3 {
			t.Errorf("round %d: gain %f (proven %v), want %f", round, gain, got.Proven, want)
		}
		if l := job.Limits; l.Stored > 0 && got.Stored > l.Stored || l.CPUSeconds > 0 && got.CPUSeconds > l.CPUSeconds+1e-6 {
			t.Errorf("round %d: %d bytes and %f s are over the limits %+v", round, got.Stored, got.CPUSeconds, l)
		}
	}
}

// bestSubset tries all of them.
func bestSubset(choices []Choice, l AdviseLimits) (best float64, set int) {
	for mask := range 1 << len(choices) {
		var gain, cpu float64
		var stored int64
		count := map[string]int{}
		fits := true
		for i, c := range choices {
			if mask&(1<<i) == 0 {
				continue
			}
			gain += c.gain
			stored += c.Stored
			cpu += c.totalCPU()
			count[c.Platform]++
			fits = fits && (l.PerPlatform == 0 || count[c.Platform] <= l.PerPlatform)
		}
		fits = fits && (l.Stored == 0 || stored <= l.Stored) && (l.CPUSeconds == 0 || cpu <= l.CPUSeconds)
		if fits && gain > best {
			best, set = gain, mask
		}
	}
	return best, set
}

// Firefox 43.0.2 on the Mac: the partial from 43.0.1 had 0.14 MB, from 40.0.3
// 44 MB, the complete 80 MB. With room for one, the small one must win over
// the last N by version; sizes that were not measured are guessed from those.
func TestAdviseReal(t *testing.T) {
	const mb = 1_000_000
	job := AdviseJob{
		StoredPrice: 1, Limits: AdviseLimits{PerPlatform: 2},
		Priors: []Prior{
			{Version: "40.0.3", Platform: "mac", Users: 900_000, CompleteSize: 80 * mb, PartialSize: 44 * mb, Locales: 90},
			{Version: "42.0", Platform: "mac", Users: 20_000, PartialSize: 40 * mb, Locales: 90},
			{Version: "43.0.1", Platform: "mac", Users: 500_000, PartialSize: 140_000, Locales: 90},
			{Version: "43.0.1", Platform: "win32", Users: 100, CompleteSize: 50 * mb, Locales: 90},
			{Version: "39.0", Platform: "win32", Users: 3, Locales: 90},
		},
	}
	got, err := Advise(job)
	if err != nil {
		t.Fatal(err)
	}
	var advised []string
	for _, c := range got.Choices {
		if c.Advised {
			advised = append(advised, c.Version+" "+c.Platform)
		}
		if c.Platform == "win32" != c.Estimated {
			t.Errorf("%s on %s: estimated %v", c.Version, c.Platform, c.Estimated)
		}
	}
	if want := "43.0.1 mac, 40.0.3 mac, 43.0.1 win32"; strings.Join(advised, ", ") != want {
		t.Errorf("advised %q, want %s", advised, want)
	}
	if want := int64(900_000*36*mb + 500_000*(80*mb-140_000)); got.Saved < want {
		t.Errorf("saves %d bytes, want at least %d", got.Saved, want)
	}
}

func TestAdviseRefuses(t *testing.T) {
	for say, priors := range map[string][]Prior{
		"size of its complete is missing": {{Version: "1", Platform: "a", Users: 1}},
		"listed twice":                    {{Version: "1", Platform: "a", CompleteSize: 1}, {Version: "1", Platform: "a"}},
		"two sizes of one complete":       {{Version: "1", Platform: "a", CompleteSize: 1}, {Version: "2", Platform: "a", CompleteSize: 2}},
		"below zero":                      {{Version: "1", Platform: "a", CompleteSize: 1, Users: -1}},
		"lists no prior version":          nil,
		"want a version and a platform":   {{Version: "1", CompleteSize: 1}},
		"NaN CPU seconds":                 {{Version: "1", Platform: "a", CompleteSize: 1, CPUSeconds: math.NaN()}},
		"more than there are":             {{Version: "1", Platform: "a", CompleteSize: 1, Users: 9e9}, {Version: "2", Platform: "a", Users: 9e9}},
		"a MAR has at most 524288000":     {{Version: "1", Platform: "a", CompleteSize: 1 << 40}},
	} {
		if _, err := Advise(AdviseJob{Priors: priors}); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%v, want %q", err, say)
		}
	}
	good := []Prior{{Version: "1", Platform: "a", CompleteSize: 1}}
	for say, job := range map[string]AdviseJob{
		"prices NaN":          {Priors: good, StoredPrice: math.NaN()},
		"prices 0 and -1":     {Priors: good, CPUPrice: -1},
		"limits -1":           {Priors: good, Limits: AdviseLimits{PerPlatform: -1}},
		"nothing to limit":    {Priors: good, Limits: AdviseLimits{CPUSeconds: 1}},
		"limits 0, -1 bytes,": {Priors: good, Limits: AdviseLimits{Stored: -1}},
	} {
		if _, err := Advise(job); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%v, want %q", err, say)
		}
	}
}

// A partial of unknown cost is not free: a limit would be filled with those.
func TestAdviseEstimatesTimes(t *testing.T) {
	got, err := Advise(AdviseJob{Limits: AdviseLimits{CPUSeconds: 100}, Priors: []Prior{
		{Version: "1", Platform: "a", Users: 10, CompleteSize: 1000, CPUSeconds: 90},
		{Version: "2", Platform: "a", Users: 9},
		{Version: "1", Platform: "b", Users: 8, CompleteSize: 2000},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range got.Choices {
		if want := 90 * float64(c.CompleteSize) / 1000; c.CPUSeconds != want || c.CPUEstimated != (c.Version == "2" || c.Platform == "b") {
			t.Errorf("%s on %s: %v CPU seconds, estimated %v; want %v", c.Version, c.Platform, c.CPUSeconds, c.CPUEstimated, want)
		}
		if c.Advised != (c.Version == "1" && c.Platform == "a") {
			t.Errorf("%s on %s: advised %v", c.Version, c.Platform, c.Advised)
		}
	}
}

// Of a row that does not say its locales, as many are stored as of the others on
// its platform, and the guess is marked.
func TestAdviseEstimatesLocales(t *testing.T) {
	got, err := Advise(AdviseJob{Priors: []Prior{
		{Version: "1", Platform: "a", CompleteSize: 1000, PartialSize: 10, Locales: 90},
		{Version: "2", Platform: "a", PartialSize: 10, Locales: 89},
		{Version: "3", Platform: "a", PartialSize: 10},
		{Version: "1", Platform: "b", CompleteSize: 1000, PartialSize: 10},
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{"1 a": 900, "2 a": 890, "3 a": 900, "1 b": 10}
	for _, c := range got.Choices {
		name := c.Version + " " + c.Platform
		if guessed := name == "3 a" || name == "1 b"; c.Stored != want[name] || c.Locales != want[name]/10 || c.LocalesEstimated != guessed {
			t.Errorf("%s: %d locales (estimated %t), %d bytes stored; want %d", name, c.Locales, c.LocalesEstimated, c.Stored, want[name])
		}
	}
}

// A search that would last for days ends, says so, and is no worse than taking
// what gains most for its weight as long as that fits.
func TestAdviseEnds(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	job := AdviseJob{StoredPrice: 1, Limits: AdviseLimits{PerPlatform: 4, Stored: 40e9, CPUSeconds: 7200}}
	for i := range 600 {
		job.Priors = append(job.Priors, Prior{
			Version: fmt.Sprint(i), Platform: fmt.Sprint(i % 6), Users: rng.Int64N(900_000), Locales: 90,
			CompleteSize: 80e6, PartialSize: 1 + rng.Int64N(70e6), CPUSeconds: rng.Float64() * 100,
		})
	}
	got, err := Advise(job)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range got.Choices {
		if c.Advised {
			n++
		}
	}
	if l := job.Limits; got.Proven || n < 20 || got.Stored > l.Stored || got.CPUSeconds > l.CPUSeconds {
		t.Errorf("proven %t, %d of 24 advised, %d bytes, %f s", got.Proven, n, got.Stored, got.CPUSeconds)
	}
}
