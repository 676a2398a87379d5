package release

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"slipway/release/pipeline"
)

// A bad release that everybody is offered is taken back: clients are told of
// nothing newer, testers still are, and a resumption gives the same answers.
func TestLiveReleaseIsTakenBack(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.ship("1.0", 1)
	p.source("1.1", "second")
	plan := p.ship("1.1", 1)
	live, test := "release/update.xml", "releasetest/update.xml"
	before := answersOf(p)
	if len(before) == 0 || !told(before, live) {
		t.Fatalf("nobody is told of 1.1: %d answers", len(before))
	}

	halt := func() error { return p.env.HaltRollout(t.Context(), plan, "ann", "crashes") }
	if err := halt(); err != nil {
		t.Fatal(err)
	}
	now := answersOf(p)
	if told(now, live) || told(now, "release/complete.txt") || !told(now, test) {
		t.Errorf("after the halt clients are told by %v", sortedKeys(now))
	}
	states, err := p.env.Rollouts(plan)
	if err != nil || len(states) != 1 || states[0].Halt == nil || states[0].Halt.Reason != "crashes" || states[0].Told[0].Outside != "" {
		t.Errorf("the halt is not told: %+v, %v", states, err)
	}
	if err := halt(); !errors.Is(err, ErrHalted) {
		t.Errorf("a second halt: %v", err)
	}

	resume := func() error { _, err := p.env.ResumeRollout(t.Context(), plan); return err }
	if err := resume(); err != nil {
		t.Fatal(err)
	}
	if again := answersOf(p); !reflect.DeepEqual(again, before) {
		t.Errorf("resumed, clients are told by %v; before it was %v", sortedKeys(again), sortedKeys(before))
	}
	if err := resume(); !errors.Is(err, ErrNotHalted) {
		t.Errorf("a second resumption: %v", err)
	}
	if left, err := os.ReadDir(filepath.Join(p.dir, "pub/aus")); err != nil || len(left) != 4 {
		t.Errorf("below aus are %v, %v; want blobs, releases, snippets, update", left, err)
	}
}

// One that was killed half-way is ended by the next; and when a release came
// after, the withdrawn one is not offered beside it.
func TestWithdrawalIsEndedAndSuperseded(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.ship("1.0", 1)
	p.source("1.1", "second")
	plan := p.ship("1.1", 1)
	halt := func() error { return p.env.HaltRollout(t.Context(), plan, "ann", "crashes") }
	if err := halt(); err != nil {
		t.Fatal(err)
	}
	top := filepath.Join(p.dir, "pub/aus")
	all, err := filepath.Glob(filepath.Join(top, "withdrawn/Skiff/Skiff-1.1-build1/update/Skiff/1.0/*/*/*/release/update.xml"))
	if err != nil || len(all) < 2 {
		t.Fatal(all, err)
	}
	back := strings.Replace(all[0], "withdrawn/Skiff/Skiff-1.1-build1/", "", 1)
	text, err := os.ReadFile(all[0])
	if err == nil {
		err = os.WriteFile(back, text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.env.ResumeRollout(t.Context(), plan); !errors.Is(err, ErrSuperseded) {
		t.Errorf("resuming over another answer: %v", err)
	}
	if err := halt(); err != nil {
		t.Errorf("ending it: %v", err)
	}
	if told(answersOf(p), "release/update.xml") {
		t.Error("an answer is left")
	}

	p.source("1.2", "mended")
	p.ship("1.2", 1)
	before := answersOf(p)
	if _, err := p.env.ResumeRollout(t.Context(), plan); !errors.Is(err, ErrNotHalted) {
		t.Errorf("resuming 1.1 after 1.2: %v", err)
	}
	if _, err := os.Stat(filepath.Join(top, "withdrawn")); !os.IsNotExist(err) {
		t.Errorf("what 1.2 replaced is left: %v", err)
	}
	if !reflect.DeepEqual(answersOf(p), before) {
		t.Error("the answers of 1.2 were touched")
	}
}

// A release that ships on one channel leaves alone what was withdrawn on another.
func TestWithdrawnElsewhereStays(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.edit(releaseChannel, betaChannel+releaseChannel)
	p.ship("1.0", 1)
	p.source("1.1", "second")
	plan := p.ship("1.1", 1)
	before := answersOf(p)
	if err := p.env.HaltRollout(t.Context(), plan, "ann", "crashes"); err != nil {
		t.Fatal(err)
	}
	p.edit(releaseChannel, "")
	p.source("1.2", "mended")
	p.ship("1.2", 1)
	beta := answersOf(p)

	if _, err := p.env.ResumeRollout(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	for name, text := range before {
		if strings.Contains(name, "/release/") {
			beta[name] = text
		}
	}
	if now := answersOf(p); !told(now, "release/update.xml") || !reflect.DeepEqual(now, beta) {
		t.Errorf("resumed on release, with 1.2 on beta, clients are told by %v; want %v", sortedKeys(now), sortedKeys(beta))
	}
	if _, err := os.Stat(filepath.Join(p.dir, "pub/aus/withdrawn")); !os.IsNotExist(err) {
		t.Errorf("withdrawn answers are left: %v", err)
	}
}

// A halt between a ship that broke off and the next attempt holds.
func TestShipIsMadeAgainAfterAHalt(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.ship("1.0", 1)
	p.source("1.1", "second")
	plan := p.plan("1.1", 1)
	p.hold = stageShip
	if err := p.run(plan); err != nil {
		t.Fatal(err)
	}
	p.hold = ""
	last := "pub/aus/update/Skiff/1.0/20260301101500/Linux_x86_64-gcc3/ja/release"
	p.write(last, "in the way of a directory")
	if err := p.run(plan); err == nil || !told(answersOf(p), "release/update.xml") {
		t.Fatalf("ship did not break off part way: %v", err)
	}
	if err := p.env.HaltRollout(t.Context(), plan, "ann", "crashes"); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(p.dir, last)); err != nil {
		t.Fatal(err)
	}
	if err := p.run(plan); pipeline.ClassOf(err) != pipeline.Policy || !strings.Contains(err.Error(), "by ann at 2027-01-15 08:00:00Z: crashes; slipway rollout resume") {
		t.Errorf("made again: %v", err)
	}
	if told(answersOf(p), "release/update.xml") {
		t.Error("clients are told of what was halted")
	}
	if _, err := p.env.ResumeRollout(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	if err := p.run(plan); err != nil || !told(answersOf(p), "ja/release/update.xml") {
		t.Errorf("resumed: %v", err)
	}
}

func TestNothingToTakeBack(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	if err := p.env.HaltRollout(t.Context(), p.ship("1.0", 1), "ann", "crashes"); !errors.Is(err, ErrNoRollout) {
		t.Errorf("a first release, of which nobody is told: %v", err)
	}
}

// answersOf are the files by which clients are told, with their bytes.
func answersOf(p *product) map[string]string {
	p.t.Helper()
	all := map[string]string{}
	for _, form := range []string{"update", "snippets"} {
		top := filepath.Join(p.dir, "pub/aus", form, "Skiff")
		err := filepath.WalkDir(top, func(name string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return notThere(err)
			}
			text, err := os.ReadFile(name)
			all[name] = string(text)
			return err
		})
		if err != nil {
			p.t.Fatal(err)
		}
	}
	return all
}

func told(answers map[string]string, end string) bool {
	for name := range answers {
		if strings.HasSuffix(name, "/"+end) {
			return true
		}
	}
	return false
}

// The last step of a rollout was killed while it put the answers live. A halt
// then takes back those, too.
func TestHaltOfAHalfLiveRelease(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.ship("1.0", 1)
	p.write("slipway.yaml", strings.Replace(testConfig, "updates:\n", "updates:\n  rollout: [25]\n", 1))
	p.source("1.1", "second")
	plan := p.plan("1.1", 1)
	p.hold = "rollout-100"
	if err := p.run(plan); err != nil {
		t.Fatal(err)
	}
	top := filepath.Join(p.dir, "pub/aus")
	all, err := filepath.Glob(filepath.Join(top, "rollout/Skiff/release/answers/1.0/*/*/*/update.xml"))
	if err != nil || len(all) < 2 {
		t.Fatal(all, err)
	}
	live := strings.Replace(filepath.Join(filepath.Dir(all[0]), "release/update.xml"), "rollout/Skiff/release/answers", "update/Skiff", 1)
	text, err := os.ReadFile(all[0])
	if err == nil {
		err = os.MkdirAll(filepath.Dir(live), 0o755)
	}
	if err == nil {
		err = os.WriteFile(live, text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := p.env.HaltRollout(t.Context(), plan, "ann", "crashes"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(live); !os.IsNotExist(err) {
		t.Errorf("a client outside the share is still offered it: %v", err)
	}
	if _, err := p.env.ResumeRollout(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(live); err != nil || string(got) != string(text) {
		t.Errorf("resumed, it is not as it was: %v", err)
	}
	p.hold = ""
	if err := p.run(plan); err != nil {
		t.Error(err)
	}
}

const (
	releaseChannel = `    release: {url: "https://dl.skiff.example/releases/{version}/{path}"}` + "\n"
	betaChannel    = `    beta: {url: "https://dl.skiff.example/releases/{version}/{path}"}` + "\n"
)

// bothChannels has a first release for all on two channels of users, and offers
// those that come by shares.
func bothChannels(t *testing.T) *product {
	t.Helper()
	p := newProduct(t)
	p.edit(releaseChannel, betaChannel+releaseChannel)
	p.ship("1.0", 1)
	p.edit("updates:\n", "updates:\n  rollout: [25]\n")
	p.source("1.1", "second")
	return p
}

// Another release has begun on one of the channels: a halt and its end reach the
// other one, and leave that release alone.
func TestHaltWhereAnotherReleaseHasBegun(t *testing.T) {
	t.Parallel()
	p := bothChannels(t)
	plan := p.ship("1.1", 1)
	want := answersOf(p)
	p.edit(releaseChannel, "")
	p.source("1.2", "third")
	next := p.plan("1.2", 1)
	p.hold = "rollout-100"
	if err := p.run(next); err != nil {
		t.Fatal(err)
	}
	unmoved := func() {
		t.Helper()
		states, err := p.env.Rollouts(next)
		if err != nil || len(states) != 1 || states[0].Release != "Skiff-1.2-build1" || states[0].Share != 25 || states[0].Halt != nil {
			t.Errorf("1.2 on beta: %+v, %v", states, err)
		}
	}
	if err := p.env.HaltRollout(t.Context(), plan, "ann", "crashes"); err != nil {
		t.Fatal(err)
	}
	if now := answersOf(p); told(now, "release/update.xml") || told(now, "beta/update.xml") {
		t.Errorf("after the halt clients are told by %v", sortedKeys(now))
	}
	unmoved()
	if err := p.env.HaltRollout(t.Context(), plan, "ann", "crashes"); !errors.Is(err, ErrHalted) {
		t.Errorf("a second halt: %v", err)
	}
	if _, err := p.env.ResumeRollout(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	now := answersOf(p)
	if told(now, "beta/update.xml") || !told(now, "release/update.xml") {
		t.Errorf("resumed, clients are told by %v", sortedKeys(now))
	}
	for name, text := range now {
		if strings.Contains(name, "/release/") && text != want[name] {
			t.Errorf("%s: got %s, want %s", name, text, want[name])
		}
	}
	unmoved()
	if _, err := p.env.ResumeRollout(t.Context(), plan); !errors.Is(err, ErrSuperseded) {
		t.Errorf("a second resumption: %v", err)
	}
}

// The last step was killed when one channel's rollout was gone and the other's
// was not.
func TestHaltBetweenTwoChannels(t *testing.T) {
	t.Parallel()
	p := bothChannels(t)
	plan := p.plan("1.1", 1)
	p.hold = "rollout-100"
	if err := p.run(plan); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(p.dir, "pub/aus/rollout/Skiff/beta")); err != nil {
		t.Fatal(err)
	}
	if err := p.env.HaltRollout(t.Context(), plan, "ann", "crashes"); err != nil {
		t.Fatal(err)
	}
	note := p.read("pub/aus/rollout/Skiff/release/HALTED")
	if !strings.Contains(note, "crashes") {
		t.Errorf("HALTED: %s", note)
	}
	if _, err := p.env.ResumeRollout(t.Context(), plan); err != nil {
		t.Error(err)
	}
}
