package release

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"slipway/release/pipeline"
)

// bigPlan has the shape of Firefox 92.0.1: 6 platforms, 98 locales, 4 priors.
func bigPlan(t testing.TB) *Plan {
	t.Helper()
	c := Config{Product: "lynx", Repositories: map[string]Repository{"main": {URL: "m"}, "l10n": {URL: "l"}}, Platforms: map[string]Platform{}}
	c.Publish.Directory = "pub"
	c.Locales = Locales{List: "list", Rules: []LocaleRule{{Source: "a.ini", Target: "a.ini", Format: "ini"}}}
	c.Updates.Channels = map[string]Channel{"release": {URL: "https://lynx.example/{path}"}, "releasetest": {Test: true, URL: "https://t.example/{path}"}}
	c.Signing.MAR = MARKey{Key: "fd:3", Certificate: "c"}
	for i := range 6 {
		c.Platforms[fmt.Sprintf("p%d", i)] = Platform{Steps: [][]string{{"make"}}, Output: "out", Archive: "tar.xz", Root: "lynx"}
	}
	c.fill()
	p := &Plan{
		Schema: planSchema, Candidate: "lynx-92.0.1-build1", Version: "92.0.1", Build: 1, Urgency: "routine", BuildID: "20210922161155",
		Date: time.Date(2021, 9, 22, 16, 11, 55, 0, time.UTC), Config: c,
		Repositories: []PlannedRepository{{Name: "l10n", URL: "l"}, {Name: "main", URL: "m"}},
	}
	for v := range 4 {
		prior := Prior{Version: fmt.Sprintf("%d.0", 91-v), Build: 1, BuildID: "20210801000000", MARs: map[string]map[string]PinnedMAR{}}
		for id := range c.Platforms {
			prior.MARs[id] = map[string]PinnedMAR{sourceLocale: {}}
			for l := range 97 {
				prior.MARs[id][fmt.Sprintf("l%c%c", 'a'+l/26, 'a'+l%26)] = PinnedMAR{}
			}
		}
		p.Priors = append(p.Priors, prior)
	}
	for l := range 97 {
		p.Locales = append(p.Locales, PlannedLocale{Code: fmt.Sprintf("l%c%c", 'a'+l/26, 'a'+l%26), Platforms: sortedKeys(c.Platforms)})
	}
	return p
}

func TestGraphOfARealRelease(t *testing.T) {
	p := bigPlan(t)
	g := Graph(p)
	for _, err := range g.Check(Kinds(Env{})) {
		t.Error(err)
	}
	kinds := map[string]int{}
	for _, task := range g.Tasks {
		kinds[task.Kind]++
		if len(task.Args) > 1<<20 {
			t.Errorf("%s has arguments of %d bytes", task.ID, len(task.Args))
		}
	}
	for kind, want := range map[string]int{"complete": 588, "partial": 2352, "prior": 2352, "repack-locale": 582, "sign-mar": 588, "verify-updates": 588} {
		if kinds[kind] != want {
			t.Errorf("%s: %d tasks, want %d", kind, kinds[kind], want)
		}
	}
	a, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(Graph(p))
	if err != nil || string(a) != string(b) {
		t.Errorf("the same plan gives two graphs (%v)", err)
	}
}

func BenchmarkGraph(b *testing.B) {
	p := bigPlan(b)
	for b.Loop() {
		Graph(p)
	}
}

func TestEveryTaskHasAPlaceOnTheBoard(t *testing.T) {
	for _, task := range Graph(bigPlan(t)).Tasks {
		if task.Title == "" || task.Stage == "" || task.Kind != pipeline.KindGate && task.Pool == "" {
			t.Errorf("%s: title %q, stage %q, pool %q", task.ID, task.Title, task.Stage, task.Pool)
		}
		if task.Locale != "" && task.Platform == "" {
			t.Errorf("%s has locale %s and no platform", task.ID, task.Locale)
		}
	}
}

func FuzzParsePlan(f *testing.F) {
	f.Add([]byte("{}"))
	f.Add((&Plan{Schema: planSchema, Priors: []Prior{{}}}).Encode())
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := ParsePlan(text)
		if err == nil && string(p.Encode()) != string(text) {
			t.Error("accepted a plan that it would write otherwise")
		}
	})
}

func FuzzParseSums(f *testing.F) {
	f.Add([]byte("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a/b\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		found, err := parseSums(text)
		if err != nil {
			return
		}
		hex := map[string]string{}
		for name, d := range found {
			hex[name] = d.Hex()
		}
		if again, err := parseSums(sums(hex)); err != nil || len(again) != len(found) {
			t.Errorf("written and read again: %d of %d (%v)", len(again), len(found), err)
		}
	})
}
