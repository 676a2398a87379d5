package release

import (
	"slices"
	"strings"
	"testing"

	"slipway/release/git"
	"slipway/release/pipeline"
)

// TestCheckNamesWhatWillBeMissing: nothing of this stops a release, and all of
// it was found out after one.
func TestCheckNamesWhatWillBeMissing(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.write("slipway.yaml", strings.Replace(testConfig, "l10n-id: macosx64", "l10n-id: macosx46", 1))
	plan := p.plan("1.0", 1)
	plan.Partners[0].Config.Stub, plan.Partners[0].Config.SetupExe = true, "https://setup.example/setup.exe"
	var texts []string
	for _, f := range Check(t.Context(), plan, p.env) {
		texts = append(texts, f.What+": "+f.Text)
	}
	name := plan.Partners[0].Name
	for _, want := range []string{
		`locales: mac gets en-US only: no locale names "macosx46"; if that is wrong, see platforms.mac.l10n-id`,
		"partners: " + name + ": repack_stub_installer is passed over: this partner gets what the installers of the platforms make",
		"partners: " + name + ": replacement_setup_exe is passed over: this partner gets what the installers of the platforms make",
	} {
		if !slices.Contains(texts, want) {
			t.Errorf("missing: %s\nfound:\n%s", want, strings.Join(texts, "\n"))
		}
	}
}

// A commit is planned, and then force-pushed away. The mirror still has it, and
// would ship what nobody finds in the repository; until a tag holds it.
func TestCommitThatWasPushedAway(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	plan := p.plan("1.0", 1)
	p.git("main", "commit", "-q", "--amend", "-m", "another")
	p.write("repos/l10n/fr/strings.ini", "[app]\n")
	p.git("l10n", "add", "-A")
	p.git("l10n", "commit", "-q", "--amend", "-m", "another")
	plan.Repositories = slices.DeleteFunc(plan.Repositories, func(r PlannedRepository) bool { return r.Name == "l10n" })
	plan.Repositories = append(plan.Repositories, PlannedRepository{Name: "l10n", URL: "repos/l10n", Revision: p.git("l10n", "rev-parse", "HEAD")})
	for what, name := range map[string]string{"tags": "main", "locales": "l10n"} {
		if !found(p, plan, false, what, "repository "+name+" ("+p.dir+"/repos/"+name+"), revision "+p.revs[name]+": no branch or tag leads to it any more") {
			t.Errorf("%s: the revision that is gone is not named", name)
		}
	}
	args := tagArgs{Repository: "main", URL: "repos/main", Job: git.TagJob{
		Revision: p.revs["main"], Message: "a tag", Tags: []string{"SKIFF_1_0_BUILD1"}, By: git.Person{Name: "A", Email: "a@b"}, When: plan.Date,
	}}
	if _, _, err := p.env.tagProbe(t.Context(), call(pipeline.Task{}), args); pipeline.ClassOf(err) != pipeline.Clash {
		t.Errorf("tagging it: %v, want a clash", err)
	}
	p.git("main", "branch", "kept", p.revs["main"])
	if _, _, err := p.env.tagProbe(t.Context(), call(pipeline.Task{}), args); err != nil {
		t.Errorf("a branch leads to it again: %v", err)
	}
}
