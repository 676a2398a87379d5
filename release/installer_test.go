package release

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/release/pipeline"
	"slipway/signing/authenticode"
)

// installerProduct makes two files of every package for Windows: a program that
// is signed, and one that is not.
func installerProduct(t *testing.T, setup string) (*product, authenticode.Trust) {
	t.Helper()
	p, cert := windowsProduct(t, "")
	p.write("repos/main/installer/setup.sh", setup)
	p.write("repos/main/installer/stub.exe", p.read("repos/main/windows/Skiff.EXE"))
	p.edit(`    authenticode: ["*.exe"`, `    installers:
      setup: {name: "Skiff Setup {version}.exe", directory: installer, steps: [[sh, setup.sh]], output: setup.exe, authenticode: true}
      langpack: {name: "{product}-{version}.langpack.xpi", steps: [[cp, version.txt, langpack]], output: langpack}
    authenticode: ["*.exe"`)
	p.source("1.0", "first")
	return p, authenticode.Trust{Certificate: cert, Now: p.env.Now()}
}

const goodSetup = `test ! -e ../installer && test "$SLIPWAY_VERSION" = 1.0 || exit 1
cp stub.exe setup.exe && echo "$SLIPWAY_LOCALE $SLIPWAY_PARTNER" >>setup.exe && cat "$SLIPWAY_PACKAGE" >>setup.exe
`

// Every locale and every partner gets installers with their own package inside,
// and they are deliverables like the packages.
func TestInstallers(t *testing.T) {
	t.Parallel()
	p, trust := installerProduct(t, goodSetup)
	for _, f := range Check(t.Context(), p.plan("1.0", 1), p.env) {
		if !f.OK {
			t.Errorf("%s: %s", f.What, f.Text)
		}
	}
	p.ship("1.0", 1)
	releases := "pub/skiff/releases/"
	for dir, who := range map[string]string{"1.0/win64/en-US": "en-US \n", "1.0/win64/de": "de \n", "partners/acme/1.0/win64/de": "de acme\n"} {
		setup := []byte(p.read(releases + dir + "/Skiff Setup 1.0.exe"))
		if _, err := authenticode.Verify(setup, trust); err != nil {
			t.Errorf("%s: %v", dir, err)
		}
		if pkg := p.read(releases + dir + "/skiff-1.0.zip"); !strings.Contains(string(setup), who+pkg) {
			t.Errorf("%s: the installer does not hold %q and its package", dir, who)
		}
	}
	if got := p.read(releases + "1.0/win64/de/skiff-1.0.langpack.xpi"); got != "1.0\n" {
		t.Errorf("langpack: %q", got)
	}
	if sums := p.read(releases + "1.0/SHA256SUMS"); !strings.Contains(sums, "  win64/de/Skiff Setup 1.0.exe\n") {
		t.Errorf("the checksums lack the installer:\n%s", sums)
	}

	// A respin of the same commit makes none anew.
	p.hold = stagePush
	p.ran = nil
	if err := p.run(p.plan("1.0", 2)); err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(p.ran, func(id string) bool { return strings.HasPrefix(id, "installer/") }) {
		t.Errorf("the respin ran %q", p.ran)
	}
}

func TestInstallersThatAreNone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ setup, want string }{
		"nothing":     {"exit 0\n", "installer/win64/en-US/setup: the steps left no setup.exe"},
		"a directory": {"mkdir setup.exe\n", "not a regular file"},
		"no program":  {"echo text >setup.exe\n", "signing win64/en-US/Skiff Setup 1.0.exe: is no PE file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _ := installerProduct(t, c.setup)
			err := p.run(p.plan("1.0", 1))
			if err == nil || !strings.Contains(err.Error(), c.want) || pipeline.ClassOf(err) != pipeline.Input {
				t.Errorf("got %s %v, want %q", pipeline.ClassOf(err), err, c.want)
			}
		})
	}
}

func TestInstallersAreConsistent(t *testing.T) {
	t.Parallel()
	at := "platforms.win64.installers."
	for name, c := range map[string]struct{ old, new, want string }{
		"name of the package": {"{product}-{version}.langpack.xpi", "{product}-{version}.zip", at + "langpack.name: \"{product}-{version}.zip\" is the name of the package too"},
		"one name for two":    {"{product}-{version}.langpack.xpi", "Skiff Setup {version}.exe", "is the name of langpack too"},
		"no program":          {"[[sh, setup.sh]]", "[[]]", at + "setup.steps.0: names no program"},
		"no steps":            {"[[sh, setup.sh]]", "[]", at + "setup.steps: there is none"},
		"output elsewhere":    {"output: setup.exe", "output: ../setup.exe", at + "setup.output"},
		"directory elsewhere": {"directory: installer", "directory: /", at + "setup.directory"},
		"no key":              {"signing: {authenticode: {key: \"file:code.pem\", certificate: code.crt}}", "", at + "setup.authenticode: signing.authenticode has no key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _ := installerProduct(t, goodSetup)
			p.edit(c.old, c.new)
			if _, err := Load(filepath.Join(p.dir, "slipway.yaml")); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
