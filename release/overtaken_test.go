package release

import (
	"slices"
	"strings"
	"testing"

	"slipway/release/pipeline"
)

// 2.0 waits for QA when a chemspill is shipped. Its answers were planned without
// the chemspill's users, who would be left on it: so 2.0 is planned anew.
func TestReleasePlannedBeforeAChemspillLeavesNobodyBehind(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.ship("1.0", 1)
	p.source("2.0", "second")
	two := p.plan("2.0", 1)
	p.hold = "push"
	if err := p.run(two); err != nil {
		t.Fatal(err)
	}
	p.hold = ""
	p.source("1.0", "mended")
	p.ship("1.0.1", 1)

	err := p.run(two)
	if pipeline.ClassOf(err) != pipeline.Clash || !strings.Contains(err.Error(), "publish/releases: 1.0.1 was published after 2.0 was planned") {
		t.Fatalf("shipping 2.0: %v; want a clash that names 1.0.1", err)
	}
	if !found(p, two, false, "published", "1.0.1 was published after 2.0 was planned") {
		t.Error("the preflight says nothing of 1.0.1")
	}
	p.source("2.0", "second")
	if two = p.ship("2.0", 2); !slices.Contains(two.planned().Knows, "1.0.1") {
		t.Errorf("build 2 knows %v", two.planned().Knows)
	}
}

// The other way round: a chemspill waits while 2.0 is shipped. It would take 2.0
// from those who are led there; planned anew, it says so first.
func TestChemspillPlannedBeforeTheNextReleaseAsksAgain(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.ship("1.0", 1)
	p.source("1.0", "mended")
	chemspill := p.plan("1.0.1", 1)
	p.source("2.0", "second")
	p.ship("2.0", 1)
	err := p.run(chemspill)
	if pipeline.ClassOf(err) != pipeline.Clash || !strings.Contains(err.Error(), "2.0 was published after 1.0.1 was planned: who is led to it now would be led here instead") {
		t.Fatalf("1.0.1 as it was planned: %v", err)
	}
	p.source("1.0", "mended")
	again := p.plan("1.0.1", 2)
	if !found(p, again, true, "published", "2.0 is out already: who runs a release before 1.0.1 is led here from now on, and not there") {
		t.Error("the preflight says nothing of 2.0")
	}
	if err := p.run(again); err != nil {
		t.Error(err)
	}
}

// A version that was pushed cannot be respun: the preflight says so, not the
// push after a day of building.
func TestPreflightKnowsWhatWasPushed(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	first := p.ship("1.0", 1)
	if found(p, first, false, "published", "") {
		t.Error("the release itself, once more, is refused")
	}
	p.source("1.0", "mended")
	second := p.plan("1.0", 2)
	if !found(p, second, false, "published", "build 1 of 1.0 was pushed to skiff/releases/1.0, and nothing there is overwritten") {
		t.Error("a respin of a version that was pushed is not refused")
	}
	// Who runs it all the same finds both builds unmixed.
	err := p.run(second)
	if pipeline.ClassOf(err) != pipeline.Clash || !strings.Contains(err.Error(), "build2/release.json: skiff/releases/1.0/release.json has") {
		t.Errorf("pushing build 2: %v; want a clash on release.json, before anything else", err)
	}
}

// A platform that is made no more leaves its users behind, and one that was
// renamed looks like it.
func TestPreflightNamesPlatformsThatComeAndGo(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.ship("1.0", 1)
	p.source("1.1", "second")
	p.write("slipway.yaml", strings.Replace(testConfig, "directory: linux-x86_64", "directory: linux64", 1))
	if !found(p, p.plan("1.1", 1), true, "platforms", "2 are made; linux64 is new since 1.0; linux-x86_64 was in 1.0 and is no more: its users get no update") {
		t.Error("the platform's other directory is not named")
	}
}

// A locale that falls out of a list takes its users' updates with it, unless somebody
// says that it is meant.
func TestPreflightWantsAReasonForALocaleThatWent(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.ship("1.0", 1)
	p.source("1.1", "second")
	list := p.read("repos/main/l10n-changesets.json")
	p.write("repos/main/l10n-changesets.json", strings.Replace(list, `"platforms": ["linux64", "macosx64"]`, `"platforms": ["linux64"]`, 1))
	p.commit("main")
	if !found(p, p.plan("1.1", 1), false, "locales", "de was made for mac in 1.0 and is not any more: its users get no update; if that is meant, say why in locales.retired") {
		t.Error("the locale that went is not named")
	}
	for _, key := range []string{"de/mac", "de"} {
		p.write("slipway.yaml", strings.Replace(testConfig, "  rules:", "  retired: {"+key+": no translators}\n  rules:", 1))
		plan := p.plan("1.1", 1)
		if !found(p, plan, true, "locales", "de is not made for mac any more: no translators") {
			t.Errorf("%s: the reason is not told", key)
		}
		if r := plan.ausRelease().Retired; len(r) != 1 || r[0].Why != "no translators" {
			t.Errorf("%s: retired %+v", key, r)
		}
	}
}

// found tells whether the preflight has a finding.
func found(p *product, plan *Plan, ok bool, what, text string) bool {
	p.t.Helper()
	all := Check(p.t.Context(), plan, p.env)
	for _, f := range all {
		if f.OK == ok && f.What == what && strings.Contains(f.Text, text) {
			return true
		}
	}
	p.t.Logf("findings: %+v", all)
	return false
}
