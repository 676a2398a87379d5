package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/signing"
	"slipway/testdata/peer"
)

func TestTwoReleases(t *testing.T) {
	t.Parallel()
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
		"../pub-private/skiff/candidates/1.1-candidates/build1/partner-repacks/zeta/one/v1/linux-x86_64/en-US/skiff-1.1.tar.xz",
		"product-details/skiff_versions.json",
	} {
		p.read("pub/" + name)
	}
	if got := p.read("pub/product-details/skiff_versions.json"); !strings.Contains(got, `"LATEST_SKIFF_VERSION": "1.1"`) {
		t.Errorf("skiff_versions.json: %s", got)
	}
	if _, err := os.Stat(filepath.Join(p.dir, "pub", stagingTop)); !os.IsNotExist(err) {
		t.Errorf("%s is left behind: %v", stagingTop, err)
	}
	update := p.read("pub/aus/update/Skiff/1.0/20260301101500/Linux_x86_64-gcc3/de/releasetest/update.xml")
	if !strings.Contains(update, `URL="https://stage.skiff.example/build1/update/linux-x86_64/de/skiff-1.0-1.1.partial.mar"`) {
		t.Errorf("update.xml: %s", update)
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

func TestRespinReusesWhatIsUnaffected(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.source("0.9", "first") // so that tagging bumps the version
	p.hold = stagePush
	p.ship("1.0", 1)
	// The same revision again: only what bears the build number is done anew.
	p.ship("1.0", 2)
	for _, id := range p.ran {
		if stage, _, _ := strings.Cut(id, "/"); slices.Contains([]string{"source", "build", "repack", "partner", "updates", "sign"}, stage) {
			t.Errorf("%s ran again", id)
		}
	}
	if got := p.git("main", "tag"); !strings.Contains(got, "SKIFF_1_0_BUILD2") {
		t.Errorf("tags: %s", got)
	}
}

func TestRespinOfAnotherRevisionTakesTheReleaseTag(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	first := p.plan("1.0", 1)
	cut(t, p, first, "tag/")
	p.source("1.0", "mended")
	second := p.plan("1.0", 2)
	main, _ := second.repository(mainRepository)
	if want := p.git("main", "rev-parse", "SKIFF_1_0_BUILD1^{}"); main.Leave != want {
		t.Errorf("may leave %q, want %s", main.Leave, want)
	}
	cut(t, p, second, "tag/")
	if a, b := p.git("main", "rev-parse", "SKIFF_1_0_RELEASE^{}"), p.git("main", "rev-parse", "SKIFF_1_0_BUILD2^{}"); a != b {
		t.Errorf("the release tag marks %s, want %s", a, b)
	}
}

// cut runs the tasks whose names begin with prefix, and no others.
func cut(t *testing.T, p *product, plan *Plan, prefix string) {
	t.Helper()
	kinds := Kinds(p.env)
	for _, task := range Graph(plan).Tasks {
		if strings.HasPrefix(task.ID, prefix) {
			if _, err := kinds[task.Kind].Run(t.Context(), call(task)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestSignedRelease(t *testing.T) {
	peer.Path(t, "gpg")
	t.Parallel()
	p := newProduct(t)
	keys, err := signing.NewDemoFiles("test", "Skiff", "release@skiff.example", time.Unix(1_700_000_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	p.write("keys/pgp.asc", string(keys.OpenPGP))
	p.write("keys/mar.pem", string(keys.MARKey))
	p.write("keys/mar.crt", string(keys.MARCertificate))
	for _, f := range []string{"keys/pgp.asc", "keys/mar.pem"} {
		if err := os.Chmod(filepath.Join(p.dir, f), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.write("slipway.yaml", testConfig+"signing:\n  openpgp: {key: \"file:keys/pgp.asc\", fingerprint: "+keys.Fingerprint+
		", tags: true}\n  mar: {key: \"file:keys/mar.pem\", certificate: keys/mar.crt}\n")
	plan := p.plan("1.0", 1)
	for _, f := range Check(t.Context(), plan, p.env) {
		if !f.OK {
			t.Errorf("%s: %s", f.What, f.Text)
		}
	}
	if err := p.run(plan); err != nil {
		t.Fatal(err)
	}

	home := t.TempDir()
	gpg := func(args ...string) (string, error) {
		cmd := exec.Command("gpg", append([]string{"--homedir", home, "--batch", "--no-tty"}, args...)...)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	top := filepath.Join(p.dir, "pub/skiff/releases/1.0")
	if out, err := gpg("--import", filepath.Join(top, "KEY")); err != nil {
		t.Fatal(out)
	}
	signed := 0
	err = filepath.WalkDir(top, func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".asc") {
			signed++
			if out, err := gpg("--verify", path, strings.TrimSuffix(path, ".asc")); err != nil {
				t.Errorf("%s: %s", path, out)
			}
		}
		return err
	})
	if err != nil || signed != 5+5+1+2 { // packages, completes, source, sums
		t.Errorf("%d signatures (%v), want 13", signed, err)
	}
}

func TestOtherBytesAreNeverOverwritten(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	name := "pub/skiff/candidates/1.0-candidates/build1/mac/de/skiff-1.0.zip"
	p.write(name, "somebody else's")
	err := p.run(p.plan("1.0", 1))
	if err == nil || !strings.Contains(err.Error(), "nothing is overwritten") || !strings.Contains(err.Error(), "has 15 bytes with sha256:") {
		t.Errorf("got %v; want both sides named", err)
	}
	if p.read(name) != "somebody else's" {
		t.Error("the file was overwritten")
	}
}

func TestStrayFileFailsTheCandidate(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.write("pub/skiff/candidates/1.0-candidates/build1/notes.txt", "left by hand")
	err := p.run(p.plan("1.0", 1))
	if err == nil || !strings.Contains(err.Error(), "stray skiff/candidates/1.0-candidates/build1/notes.txt") {
		t.Errorf("got %v", err)
	}
}
