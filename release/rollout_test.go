package release

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/release/pipeline"
	"slipway/updates/aus"
)

// rolloutConfig offers releases to a quarter, a half, and everybody.
var rolloutConfig = strings.Replace(testConfig, "  make-precomplete", "  rollout: [25, 50]\n  soak: 24h\n  make-precomplete", 1)

// A release goes out by shares; who is outside is told what the release before
// told.
func TestStagedRollout(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.ship("1.0", 1)
	p.source("1.1", "second")
	p.ship("1.1", 1)
	p.write("slipway.yaml", rolloutConfig)
	p.source("1.2", "third")
	plan := p.plan("1.2", 1)
	until := func(gate string) {
		t.Helper()
		p.hold = gate
		if err := p.run(plan); err != nil {
			t.Fatal(err)
		}
	}
	told := func(from, inside, outside string) {
		t.Helper()
		states, err := p.env.Rollouts(plan)
		if err != nil || len(states) != 1 {
			t.Fatalf("%+v, %v", states, err)
		}
		want := RolloutTold{from, inside, outside}
		if !slices.Contains(states[0].Told, want) {
			t.Errorf("told %+v, want %+v", states[0].Told, want)
		}
	}
	share := func(want int) {
		t.Helper()
		states, err := p.env.Rollouts(plan)
		if err != nil || len(states) != 1 || states[0].Share != want {
			t.Fatalf("%+v (%v), want a share of %d", states, err, want)
		}
	}

	until(stageShip)
	share(0)
	told("1.0", "1.1", "1.1")
	testChannel := p.read("pub/aus/update/Skiff/1.0/20260301101500/Linux_x86_64-gcc3/de/releasetest/update.xml")
	if !strings.Contains(testChannel, `displayVersion="1.2"`) {
		t.Errorf("before ship, the test channel is told %s", testChannel)
	}
	if err := p.env.HaltRollout(t.Context(), plan, "ann", "why"); err == nil || !strings.Contains(err.Error(), ErrNoRollout.Error()) {
		t.Errorf("halting what has not begun: %v", err)
	}

	until("rollout-50")
	share(25)
	told("1.0", "1.2", "1.1")
	told("1.1", "1.2", "")
	if got := p.read("pub/product-details/skiff_versions.json"); !strings.Contains(got, `"1.2"`) {
		t.Errorf("not listed with the first share: %s", got)
	}
	if got := p.read("mail/skiff-1.2-build1.shipped-25.eml"); !strings.Contains(got, "is live on the release channel (25%)") || !strings.Contains(got, "at 25 % for 24h") {
		t.Errorf("mail: %s", got)
	}

	until("rollout-100")
	share(50)
	until("")
	share(0)
	told("1.0", "1.2", "1.2")
	told("1.1", "1.2", "1.2")
	if _, err := os.Stat(filepath.Join(p.dir, "pub/aus/rollout")); !os.IsNotExist(err) {
		t.Errorf("the rollout is left behind: %v", err)
	}
	if got := p.read("mail/skiff-1.2-build1.shipped.eml"); !strings.Contains(got, "(100%)") {
		t.Errorf("mail: %s", got)
	}
	if _, err := os.Stat(filepath.Join(p.dir, "pub", stagingTop)); !os.IsNotExist(err) {
		t.Errorf("%s is left behind: %v", stagingTop, err)
	}
}

// What a gate is bound to changes with the answers, and each step has its gate.
func TestRolloutGraph(t *testing.T) {
	p := bigPlan(t)
	plain := Graph(p)
	p.Config.Updates.Rollout, p.Config.Updates.Soak = []int{25, 50}, "24h"
	p.Config.fill()
	p.Config.Mail = Mail{From: "Release <r@lynx.example>", Lists: map[string][]string{"all": {"all@lynx.example"}}, Out: "mail"}
	g := Graph(p)
	for _, err := range g.Check(Kinds(Env{})) {
		t.Error(err)
	}
	var got []string
	begins := slices.IndexFunc(g.Tasks, func(t pipeline.Task) bool { return t.ID == stageShip })
	for _, task := range g.Tasks[begins:] {
		got = append(got, task.ID+" < "+strings.Join(task.Needs, " "))
	}
	want := []string{
		"ship < publish/releases",
		"rollout/25 < snippets ship publish/releases",
		"ship/product-details < ship publish/releases rollout/25",
		"mail/rollout-25 < ship/product-details",
		"rollout-50 < rollout/25",
		"rollout/50 < snippets rollout-50 publish/releases rollout/25",
		"mail/rollout-50 < rollout/50",
		"rollout-100 < rollout/50",
		"rollout/100 < snippets rollout-100 publish/releases rollout/50",
		"mail/ship < rollout/100",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the end of the graph:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var gate pipeline.Gate
	i := slices.IndexFunc(g.Tasks, func(t pipeline.Task) bool { return t.ID == "rollout-50" })
	if err := json.Unmarshal(g.Tasks[i].Args, &gate); err != nil || gate.Soak != 24*time.Hour || gate.Roles["coordinator"] != 1 || gate.Plan == "" {
		t.Errorf("gate %+v (%v)", gate, err)
	}
	var steps []int
	for _, s := range p.RolloutSteps() {
		steps = append(steps, s.Share)
	}
	if !slices.Equal(steps, []int{25, 50, 100}) {
		t.Errorf("steps %v", steps)
	}
	if i := slices.IndexFunc(plain.Tasks, func(t pipeline.Task) bool {
		return strings.Contains(string(t.Args), "hrottle") || t.Stage == stageRollout
	}); i >= 0 {
		t.Errorf("without a rollout there is %s: %.300s", plain.Tasks[i].ID, plain.Tasks[i].Args)
	}
}

func TestRolloutConfigIsChecked(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	for config, want := range map[string]string{
		"rollout: [50, 25]":                "share 25 after 50",
		"rollout: [0]":                     "share 0",
		"rollout: [100]":                   "share 100",
		"rollout: [25]\n  soak: soon":      `"soon": want a duration`,
		"rollout: [25]\n  soak: 1s":        `"1s": want a duration`,
		"soak: 24h":                        "no rollout whose steps",
		"rollout: [25]\n  answers: [blob]": "xml is missing",
	} {
		p.write("slipway.yaml", strings.Replace(testConfig, "  make-precomplete", "  "+config+"\n  make-precomplete", 1))
		_, err := Load(filepath.Join(p.dir, "slipway.yaml"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", config, err, want)
		}
	}
	p.write("slipway.yaml", strings.Replace(rolloutConfig, "    release: {url", "    release: {test: true, url", 1))
	if _, err := Load(filepath.Join(p.dir, "slipway.yaml")); err == nil || !strings.Contains(err.Error(), "there is no live channel") {
		t.Errorf("test channels alone: %v", err)
	}
	p.write("slipway.yaml", rolloutConfig+"gates: {ship: {relman: 2}}\n")
	if got := p.config().Gates.Rollout; got["relman"] != 2 {
		t.Errorf("who opens the steps: %v", got)
	}
}

func TestHaltAndResume(t *testing.T) {
	t.Parallel()
	r := newRolling(t)
	r.must(r.step(25))
	if err := r.env.HaltRollout(t.Context(), r.plan, "ann", "crashes on start"); err != nil {
		t.Fatal(err)
	}
	state := r.state()
	if state.Halt == nil || state.Halt.By != "ann" || state.Halt.Reason != "crashes on start" || state.Share != 25 {
		t.Errorf("%+v", state)
	}
	if err := r.env.HaltRollout(t.Context(), r.plan, "bob", "me too"); err == nil || !strings.Contains(err.Error(), "by ann at 2027-01-15 08:00:00Z: crashes on start") {
		t.Errorf("twice: %v", err)
	}
	for _, share := range []int{25, 50, 100} { // paused stays paused
		if err := r.step(share); pipeline.ClassOf(err) != pipeline.Policy || !strings.Contains(err.Error(), "crashes on start") {
			t.Errorf("step to %d while halted: %v", share, err)
		}
	}
	if state := r.state(); state.Share != 25 || state.Halt == nil {
		t.Errorf("after refused steps: %+v", state)
	}
	h, err := r.env.ResumeRollout(t.Context(), r.plan)
	if err != nil || h.By != "ann" {
		t.Errorf("%+v, %v", h, err)
	}
	if _, err := r.env.ResumeRollout(t.Context(), r.plan); err == nil || !strings.Contains(err.Error(), ErrNotHalted.Error()) {
		t.Errorf("twice: %v", err)
	}
	r.must(r.step(50))
	r.must(r.step(100))
	if err := r.env.HaltRollout(t.Context(), r.plan, "ann", "too late"); err == nil || !strings.Contains(err.Error(), ErrNoRollout.Error()) {
		t.Errorf("after the end: %v", err)
	}
}

// A respin takes the place of a halted candidate: its answers replace the
// halted ones before anybody is offered any, and it begins with those who got
// what it mends.
func TestRespinTakesTheRolloutsPlace(t *testing.T) {
	t.Parallel()
	r := newRolling(t)
	r.must(r.step(25))
	r.must(r.env.HaltRollout(t.Context(), r.plan, "ann", "crashes"))
	first := r.open()

	old := r.plan.Build
	r.plan.Build++
	if err := r.step(50); pipeline.ClassOf(err) != pipeline.Policy && pipeline.ClassOf(err) != pipeline.Clash {
		t.Errorf("the second step of the respin, first: %v", err)
	}
	r.must(r.step(25))
	if state := r.state(); state.Release != "Lynx-92.0.1-build2" || state.Halt != nil || !slices.Equal(r.open(), first) {
		t.Errorf("%+v with %v, want build 2 for %v", state, r.open(), first)
	}
	r.plan.Build = old
	for _, share := range []int{50, 100} {
		if err := r.step(share); pipeline.ClassOf(err) != pipeline.Clash || !strings.Contains(err.Error(), ErrSuperseded.Error()) {
			t.Errorf("build 1 goes on at %d: %v", share, err)
		}
	}
	if _, err := r.env.ResumeRollout(t.Context(), r.plan); err == nil || !strings.Contains(err.Error(), "Lynx-92.0.1-build2") {
		t.Errorf("build 1 is resumed: %v", err)
	}
}

// A release that is for everybody at once ends what was on its way.
func TestPlainReleaseEndsARollout(t *testing.T) {
	t.Parallel()
	r := newRolling(t)
	r.must(r.step(25))
	r.must(r.env.HaltRollout(t.Context(), r.plan, "ann", "crashes"))
	c := call(pipeline.Task{ID: "ship/snippets"})
	c.Needs = []pipeline.Raw{{Files: []pipeline.File{{Name: liveAnswers, Digest: string(r.tar)}}}}
	_, err := r.env.publishSnippets(t.Context(), c, publishSnippetsArgs{
		Publish: "pub", Which: liveAnswers, Product: "Lynx", Versions: []string{"91.0"}, Channels: []string{"release", "releasetest"},
		Planned: planned{Product: "lynx", Scheme: "mozilla", Version: "92.0"},
	})
	r.must(err)
	if _, err := os.Stat(filepath.Join(r.root, "pub/aus/rollout")); !os.IsNotExist(err) {
		t.Errorf("the rollout is left behind: %v", err)
	}
}

func TestPreflightTellsTheRollout(t *testing.T) {
	t.Parallel()
	r := newRolling(t)
	r.must(r.step(25))
	r.plan.Build, r.plan.Config.Updates.Soak = 2, "24h"
	c := &checker{plan: r.plan, env: r.env}
	c.rollouts()
	if len(c.found) != 2 || !strings.HasPrefix(c.found[0].Text, "25, 50, 100 % of users, soaking 24h each;") ||
		c.found[1].Text != "takes the place of Lynx-92.0.1-build1 on release, which is offered to 25 %" {
		t.Errorf("found %+v", c.found)
	}
	r.must(os.WriteFile(filepath.Join(r.dir(), aus.HaltedFile), nil, 0o644))
	c.found = nil
	if c.rollouts(); len(c.found) != 2 || c.found[1].OK {
		t.Errorf("halted by hand: %+v", c.found)
	}
}

// What somebody put into the directory is not taken for ours.
func TestPlantedRolloutFiles(t *testing.T) {
	t.Parallel()
	order := aus.Buckets("Lynx", "92.0.1", 100)
	for name, c := range map[string]struct {
		plant func(r *rolling, dir string) error
		want  string
	}{
		"a bucket":                 {func(_ *rolling, dir string) error { return os.WriteFile(filepath.Join(dir, order[99]), nil, 0o644) }, "and not among the first 26"},
		"a bucket that is a link":  {func(_ *rolling, dir string) error { return os.Symlink("RELEASE", filepath.Join(dir, order[30])) }, "no file of its own"},
		"a bucket that is a place": {func(_ *rolling, dir string) error { return os.Mkdir(filepath.Join(dir, order[30]), 0o755) }, "no file of its own"},
		"a halt that is a place":   {func(_ *rolling, dir string) error { return os.Mkdir(filepath.Join(dir, aus.HaltedFile), 0o755) }, "no file of its own"},
		"a halt by hand": {func(_ *rolling, dir string) error {
			return os.WriteFile(filepath.Join(dir, aus.HaltedFile), nil, 0o644)
		}, "by hand"},
		"another release's": {func(_ *rolling, dir string) error {
			return os.WriteFile(filepath.Join(dir, aus.OwnerFile), []byte("Fox-1-build1"), 0o644)
		}, "Fox-1-build1"},
		"a directory that leads out": {func(r *rolling, dir string) error {
			out := r.t.TempDir()
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
			return os.Symlink(out, dir)
		}, "no directory"},
		"a directory that leads in": {func(_ *rolling, dir string) error {
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
			return os.Symlink("../../update", dir)
		}, "no directory"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRolling(t)
			r.must(r.step(25))
			if err := c.plant(r, r.dir()); err != nil {
				t.Fatal(err)
			}
			for _, share := range []int{50, 100} {
				if err := r.step(share); err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("step to %d: got %v, want %q", share, err, c.want)
				}
			}
			if strings.HasPrefix(name, "a directory") {
				if err := r.env.HaltRollout(t.Context(), r.plan, "ann", "an emergency"); err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("a halt: got %v, want %q", err, c.want)
				}
			}
			if !strings.HasPrefix(name, "a bucket") {
				return
			}
			r.must(r.env.HaltRollout(t.Context(), r.plan, "ann", "an emergency"))
			if st, err := os.Stat(filepath.Join(r.dir(), aus.HaltedFile)); err != nil || !st.Mode().IsRegular() {
				t.Errorf("not halted: %v", err)
			}
		})
	}
}
