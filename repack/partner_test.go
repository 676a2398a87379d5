package repack

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const goodCfg = `# Acme
aus="acme"
dist_id=acme
dist_version=1.0
locales=de  en-US en-HK ja ja-JP-mac
linux-x86_64=true
win64=true
mac=true
win32=false
locale.en-HK=en-US
migrationWizardDisabled=true
output_dir=%(partner)s/%(partner_distro)s/%(platform)s/%(locale)s
upload_to_candidates=true
bucket=a=b
`

func TestParseRepackCfg(t *testing.T) {
	got, err := ParseRepackCfg("repack.cfg", []byte(goodCfg))
	if err != nil {
		t.Fatal(err)
	}
	want := RepackCfg{
		Aus: "acme", DistID: "acme", DistVersion: "1.0", Locales: []string{"de", "en-US", "en-HK", "ja", "ja-JP-mac"},
		Platforms: []string{"linux-x86_64", "mac", "win64"}, Bases: map[string]string{"en-HK": "en-US"},
		Public: true, NoWizard: true, OutputDir: "%(partner)s/%(partner_distro)s/%(platform)s/%(locale)s",
		Legacy: map[string]string{"bucket": "a=b"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("want - got +\n%s", d)
	}
	if dir := got.Output("acme", "main", "mac", "de"); dir != "acme/main/mac/de" {
		t.Errorf("output %q", dir)
	}
	locales, skipped := got.Builds("mac", false)
	if strings.Join(locales, " ") != "de en-US en-HK ja-JP-mac" || len(skipped) != 1 || skipped[0].Locale != "ja" {
		t.Errorf("mac: %v, skipped %v", locales, skipped)
	}
	if locales, skipped = got.Builds("win32", false); locales != nil || len(skipped) != 1 || !strings.Contains(skipped[0].Why, "is not for win32") {
		t.Errorf("win32: %v, skipped %v", locales, skipped)
	}
	got.OEM = true
	if locales, _ = got.Builds("mac", false); locales != nil {
		t.Errorf("an OEM configuration is made unasked: %v", locales)
	}
}

func TestRepackCfgTrapsAreReported(t *testing.T) {
	const rest = "\nlocales=de\nwin64=true"
	for name, c := range map[string]struct{ text, want string }{
		"True":           {"locales=de\nwin64=True", `f:2: win64="True": want true or false`},
		"oem 1":          {"oem=1" + rest, `f:1: oem="1"`},
		"unknown":        {"distid=x" + rest, `f:1: unknown key "distid"; did you mean dist_id?`},
		"section":        {"[Repack]" + rest, "there are no sections"},
		"twice":          {"aus=a\naus=b" + rest, "f:2: aus is already on line 1"},
		"alias":          {"linux64=true\nlinux-x86_64=true\nlocales=de", "named by two keys"},
		"nothing":        {"", "no platform is true"},
		"no locales":     {"win64=true", "no locales"},
		"locale":         {"locales=de ../x\nwin64=true", `locale "../x"`},
		"locale twice":   {"locales=de de\nwin64=true", "there twice"},
		"placeholder":    {"output_dir=%(version)s" + rest, `"%(version)s": want`},
		"percent":        {"output_dir=a%s" + rest, `output_dir: "%"`},
		"climbing":       {"output_dir=../%(locale)s" + rest, "climbs out"},
		"injection":      {"dist_id=$(rm -rf ~)" + rest, "want letters"},
		"quote":          {`dist_id="a"b"` + rest, "quote"},
		"setup":          {"replacement_setup_exe=http://x/y.exe\nlocales=de fr\nwin64=true", "exactly one locale"},
		"stub":           {"repack_stub_installer=true" + rest, "is for win32"},
		"base":           {"locale.en-HK=nothing at all" + rest, "want locale.CUSTOM=BASE"},
		"base not used":  {"locale.en-HK=en-US" + rest, "not in locales"},
		"base of a base": {"locale.aa=bb\nlocale.bb=cc\nlocales=aa bb\nwin64=true", "itself the partner's own"},
		"not text":       {"aus=\xff", "f:1: byte 0xff"},
		"large":          {strings.Repeat("#", maxCfg+1), "limit"},
	} {
		if _, err := ParseRepackCfg("f", []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}

func TestPartnerAddsFilesOnly(t *testing.T) {
	ctx, s := context.Background(), openStore(t)
	cfg, err := ParseRepackCfg("repack.cfg", []byte(goodCfg))
	if err != nil {
		t.Fatal(err)
	}
	files := putTree(t, s, tree(t, s, map[string]string{
		"repack.cfg":                    goodCfg,
		"distribution/distribution.ini": "[Global]\nid=acme\nversion=1.0\nabout=Acme",
		"distribution/icons/a.png":      "#!png",
		"extensions/acme@acme.xpi":      "xpi",
	}))
	for name, c := range map[string]struct {
		platform, root, place string
		format                Format
	}{
		"linux": {"linux-x86_64", "skiff", "skiff/", TarXz},
		"win":   {"win64", "", "skiff/", Zip},
		"mac":   {"mac", "", "Skiff Nightly.app/Contents/Resources/", TarGz},
	} {
		t.Run(name, func(t *testing.T) {
			bin := c.place + "skiff"
			vanilla := tree(t, s, map[string]string{bin: "#!program", c.place + "distribution/": ""})
			blob, err := Pack(ctx, s, vanilla, c.format, when)
			if err != nil {
				t.Fatal(err)
			}
			r := &Repacker{Store: s}
			job := PartnerJob{Archive: blob.Digest, Format: c.format, AppRoot: c.root, Platform: c.platform, Locale: "en-HK", Config: cfg, Files: files, When: when}
			got, err := r.Partner(ctx, job)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{
				bin: "#!program",
				c.place + "distribution/distribution.ini": "[Global]\nid=acme\nversion=1.0\nabout=Acme\n\n[XRE]\nEnableProfileMigrator=0\n\n[Locale]\nlocale=en-HK\n",
				c.place + "distribution/icons/a.png":      "#!png",
				c.place + "extensions/acme@acme.xpi":      "xpi",
			}
			if d := cmp.Diff(want, texts(t, s, got.Archive.Digest, c.format)); d != "" {
				t.Errorf("want - got +\n%s", d)
			}
			if len(got.Ignored) != 1 || got.Ignored[0] != "repack.cfg" {
				t.Errorf("ignored %v", got.Ignored)
			}
			again, err := r.Partner(ctx, job)
			if err != nil || again.Archive != got.Archive {
				t.Errorf("repacked twice: %v and %v, %v", got.Archive, again.Archive, err)
			}
		})
	}
}

func TestPartnerRefuses(t *testing.T) {
	ctx, s := context.Background(), openStore(t)
	cfg, err := ParseRepackCfg("repack.cfg", []byte(goodCfg))
	if err != nil {
		t.Fatal(err)
	}
	const ini = "[Global]\nid=acme\nversion=1.0\n"
	for name, c := range map[string]struct {
		files  map[string]string
		change func(*PartnerJob)
		want   string
	}{
		"other id":      {map[string]string{distributionIni: "[Global]\nid=other\nversion=1.0\n"}, nil, `dist_id "acme", distribution.ini id "other"`},
		"other version": {map[string]string{distributionIni: "[Global]\nid=acme\nversion=2\n"}, nil, `dist_version "1.0"`},
		"no id":         {map[string]string{distributionIni: "[Global]\nversion=1\n"}, nil, "no id or no version"},
		"no ini":        {map[string]string{"distribution/a": "a"}, nil, "has no distribution/distribution.ini"},
		"own XRE":       {map[string]string{distributionIni: ini + "[XRE]\nA=1\n"}, nil, "has a section [XRE] already"},
		"there":         {map[string]string{distributionIni: ini, "extensions/a": "mine"}, nil, "is in the vanilla build already"},
		"case":          {map[string]string{distributionIni: ini, "extensions/A": "mine"}, nil, "only in case"},
		"link":          {map[string]string{distributionIni: ini, "distribution/l": "->../skiff"}, nil, "symbolic link"},
		"locale":        {map[string]string{distributionIni: ini}, func(j *PartnerJob) { j.Locale = "fr" }, "has the locales"},
		"platform":      {map[string]string{distributionIni: ini}, func(j *PartnerJob) { j.Platform = "win32" }, "is not for win32"},
		"root":          {map[string]string{distributionIni: ini}, func(j *PartnerJob) { j.AppRoot = "firefox" }, `no directory "firefox"`},
	} {
		blob, err := Pack(ctx, s, tree(t, s, map[string]string{"skiff/skiff": "#!", "skiff/extensions/a": "ours"}), TarGz, when)
		if err != nil {
			t.Fatal(err)
		}
		job := PartnerJob{Archive: blob.Digest, Format: TarGz, Platform: "win64", Locale: "de", Config: cfg, When: when}
		job.Files = putTree(t, s, tree(t, s, c.files))
		if c.change != nil {
			c.change(&job)
		}
		if _, err := (&Repacker{Store: s}).Partner(ctx, job); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}

// The proof stands on its own: it finds what a repack must never do.
func TestOnlyAddsFindsWhatIsNoAddition(t *testing.T) {
	err := onlyAdds([]Change{
		{"skiff/distribution/a", "added"},
		{"skiff/skiff", "contents"},
		{"skiff/distribution/b", "contents"},
		{"skiff/distribution/", "removed"},
		{"skiff/other", "added"},
		{"skiff/extensions", "removed"},
	}, "skiff")
	if err == nil || strings.Count(err.Error(), "\n") != 3 {
		t.Errorf("got %v", err)
	}
}

func FuzzParseRepackCfg(f *testing.F) {
	f.Add([]byte(goodCfg))
	f.Fuzz(func(t *testing.T, b []byte) {
		cfg, err := ParseRepackCfg("f", b)
		if err != nil {
			return
		}
		for _, p := range cfg.Platforms {
			for _, l := range cfg.Locales {
				if _, err := cleanName(cfg.Output("p", "c", p, l)); err != nil {
					t.Errorf("output of %q: %v", cfg.OutputDir, err)
				}
			}
		}
	})
}
