package release

import (
	"slices"
	"strings"
	"testing"
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
