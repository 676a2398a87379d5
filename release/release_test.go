package release

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestTwoReleases(t *testing.T) {
	p := newProduct(t)
	p.ship("1.0", 1)
	p.source("1.1", "second")
	plan := p.ship("1.1", 1)

	if len(plan.Priors) != 1 || len(plan.Priors[0].MARs["linux64"]) != 3 || len(plan.Priors[0].MARs["mac"]) != 2 {
		t.Errorf("priors: %+v", plan.Priors)
	}
	for _, name := range []string{
		"skiff/candidates/1.1-candidates/build1/linux-x86_64/de/skiff-1.1.tar.xz",
		"skiff/releases/1.1/linux-x86_64/ja/skiff-1.1.tar.xz",
		"skiff/releases/1.1/mac/de/skiff-1.1.zip",
		"skiff/releases/1.1/source/skiff-1.1.source.tar.xz",
		"skiff/releases/1.1/update/linux-x86_64/en-US/skiff-1.1.complete.mar",
		"skiff/releases/1.1/update/mac/de/skiff-1.0-1.1.partial.mar",
		"skiff/releases/1.1/linux-x86_64_info.txt",
		"skiff/releases/partners/acme/1.1/mac/de/skiff-1.1.zip",
		"skiff/private/1.1-candidates/build1/partner-repacks/zeta/one/v1/linux-x86_64/en-US/skiff-1.1.tar.xz",
		"product-details/skiff_versions.json",
	} {
		p.read("pub/" + name)
	}
	if got := p.read("pub/product-details/skiff_versions.json"); !strings.Contains(got, `"LATEST_SKIFF_VERSION": "1.1"`) {
		t.Errorf("skiff_versions.json: %s", got)
	}
	if _, err := filepath.Glob(filepath.Join(p.dir, "pub", stagingTop)); err != nil {
		t.Error(err)
	}
	cmd := exec.Command("sha256sum", "--quiet", "--strict", "-c", "SHA256SUMS")
	cmd.Dir = filepath.Join(p.dir, "pub/skiff/releases/1.1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("sha256sum: %v\n%s", err, out)
	}
	if got := p.git("main", "tag", "--points-at", "SKIFF_1_1_BUILD1^{}"); got != "SKIFF_1_1_BUILD1\nSKIFF_1_1_RELEASE" {
		t.Errorf("tags: %s", got)
	}
}
