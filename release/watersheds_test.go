package release

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/updates/aus"
)

const answersConfig = `watersheds: ["1.1"]
  lines:
    - {versions: ["<1.1"], type: major, show-prompt: true}
    - {versions: ["<=1.1"], actions: [showURL], open-url: "https://skiff.example/%LOCALE%/new/{version}"}
`

// Three releases, the middle one a watershed: nobody older is told of the
// newest, and nobody is left or led in a circle.
func TestWatershed(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.ship("1.0", 1)
	p.source("1.1", "second")
	p.ship("1.1", 1)
	told := func(version, channel string) string {
		return p.read("pub/aus/update/Skiff/" + version + "/20260301101500/Linux_x86_64-gcc3/de/" + channel + "/update.xml")
	}
	before := told("1.0", "release")

	p.write("slipway.yaml", strings.NewReplacer("make-precomplete", answersConfig+"  make-precomplete", "test: true", "test: true, test-of: release").Replace(testConfig))
	p.source("1.2", "third")
	req := p.request("1.2", 1)
	req.From = []string{"1.0"}
	if _, err := p.resolve(req); err == nil || !strings.Contains(err.Error(), "1.0 is before the watershed 1.1") {
		t.Errorf("a partial from 1.0: %v", err)
	}
	plan := p.plan("1.2", 1)
	if len(plan.Priors) != 1 || plan.Priors[0].Version != "1.1" || len(plan.Watersheds) != 1 || plan.Watersheds[0].Name != "Skiff-1.1-build1" {
		t.Fatalf("priors %v, watersheds %+v", plan.PriorNames(), plan.Watersheds)
	}
	p.hold = "ship"
	if err := p.run(plan); err != nil {
		t.Fatal(err)
	}
	if told("1.0", "release") != before {
		t.Error("the live channel answers before ship")
	}
	for _, want := range []string{
		`appVersion="1.2"`, `openURL="https://skiff.example/de/new/1.2"`, `actions="showURL"`, `type="minor"`,
		`URL="https://stage.skiff.example/build1/update/linux-x86_64/de/skiff-1.1-1.2.partial.mar"`,
	} {
		if got := told("1.1", "releasetest"); !strings.Contains(got, want) {
			t.Errorf("before ship, 1.1 on the test channel is told %s, want %s", got, want)
		}
	}

	p.hold = ""
	if err := p.run(plan); err != nil {
		t.Fatal(err)
	}
	for _, channel := range []string{"release", "releasetest"} {
		got := told("1.0", channel)
		if !strings.Contains(got, `appVersion="1.1"`) || strings.Contains(got, "1.2") || strings.Contains(got, "showURL") {
			t.Errorf("1.0 on %s is told %s", channel, got)
		}
	}
	if got := told("1.0", "release"); !strings.Contains(got, `URL="https://dl.skiff.example/releases/1.1/update/linux-x86_64/de/skiff-1.0-1.1.partial.mar"`) {
		t.Errorf("1.0 is told %s", got)
	}
	for _, name := range []string{"update/nginx.conf", "update/apache.conf", "update/no-update.xml", "releases/Skiff-1.2-build1.json"} {
		p.read("pub/aus/" + name)
	}

	// A watershed whose MAR is not what its blob says is found when planning.
	mar := "pub/skiff/releases/1.1/update/mac/de/skiff-1.1.complete.mar"
	p.write(mar, p.read(mar)+"x")
	if _, err := p.resolve(p.request("1.2", 1)); err == nil || !strings.Contains(err.Error(), "watershed 1.1: update/mac/de/skiff-1.1.complete.mar has") {
		t.Errorf("a changed MAR: %v", err)
	}
	if err := os.Remove(filepath.Join(p.dir, "pub/aus/blobs/Skiff-1.1-build1.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.resolve(p.request("1.2", 1)); err == nil || !strings.Contains(err.Error(), "blobs/Skiff-1.1-build1.json") {
		t.Errorf("no blob: %v", err)
	}
}

// A client that no longer gets a partial is not left with the one to the
// release before.
func TestStaleAnswersGo(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.write("slipway.yaml", strings.Replace(testConfig, "make-precomplete", "prior-releases: 1\n  answers: [snippets-v1, xml]\n  make-precomplete", 1))
	p.ship("1.0", 1)
	p.source("1.1", "second")
	p.ship("1.1", 1)
	dir := "pub/aus/snippets/Skiff/1.0/Linux_x86_64-gcc3/20260301101500/de/release/"
	if got := p.read(dir + "partial.txt"); !strings.HasPrefix(got, "version=1\n") || !strings.Contains(got, "extv=1.1\n") {
		t.Errorf("1.0 is told %s", got)
	}
	p.write("pub/aus/snippets/Skiff/1.0/Linux_x86_64-gcc3/20260301101500/de/nightly/complete.txt", "another's")
	p.source("1.2", "third")
	p.ship("1.2", 1)
	if got := p.read(dir + "complete.txt"); !strings.Contains(got, "extv=1.2\n") {
		t.Errorf("1.0 is told %s", got)
	}
	if _, err := os.Stat(filepath.Join(p.dir, dir, "partial.txt")); !os.IsNotExist(err) {
		t.Errorf("the partial to 1.1 is still told: %v", err)
	}
	p.read("pub/aus/snippets/Skiff/1.0/Linux_x86_64-gcc3/20260301101500/de/nightly/complete.txt")
	if _, err := os.Stat(filepath.Join(p.dir, "pub/aus/blobs")); !os.IsNotExist(err) {
		t.Errorf("blobs were not asked for: %v", err)
	}
}

func TestAnswersRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ yaml, want string }{
		"two types":      {`lines: [{versions: ["<1.0"], type: major}, {versions: [">5.0"], type: major}]`, "line 2 says another type"},
		"type by locale": {`lines: [{locales: [de], type: major}]`, "line 1 says another type"},
		"told twice":     {`lines: [{actions: [showURL]}, {locales: [de], actions: [silent]}]`, "lines 1 and 2 both say actions"},
		"no URL":         {`lines: [{open-url: "javascript:alert(1)"}]`, "openURL"},
		"climbing":       {`lines: [{versions: ["<../1"]}]`, "version"},
		"no version":     {`watersheds: [newest]`, "newest"},
		"no blob":        {"watersheds: [\"1.0\"]\n  answers: [xml]", "blob is missing"},
		"both snippets":  {`answers: [snippets-v1, snippets-v2]`, "want one of them"},
		"too old a form": {"answers: [snippets-v1]\n  lines: [{show-prompt: true}]", "want snippets-v2"},
		"no such form":   {`answers: [json]`, "json"},
		"test of a test": {"type: minor", "want a live channel"},
	} {
		text := strings.Replace(testConfig, "make-precomplete", c.yaml+"\n  make-precomplete", 1)
		if name == "test of a test" {
			text = strings.Replace(text, "test: true", "test: true, test-of: releasetest", 1)
		}
		if _, err := Parse("slipway.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v; want %q", name, err, c.want)
		}
	}
}

func TestWhoElseIsTold(t *testing.T) {
	t.Parallel()
	for bound, want := range map[string]string{"<2.0": ">=2.0", "<=2.0": ">2.0", ">2.0": "<=2.0", ">=2.0": "<2.0", "2.0": "<2.0 >2.0"} {
		u := Updates{Type: "minor", Details: "https://a.example/", Lines: []Line{{Versions: []string{bound}, Type: "major"}}}
		lines := u.lines(strings.Clone)
		if got := strings.Join(lines[1].For.Versions, " "); len(lines) != 3 || got != want || lines[2].For.Versions != nil {
			t.Errorf("beside %s: got %s of %+v; want %s", bound, got, lines, want)
		}
		if bad := aus.CheckLines(lines); len(bad) > 0 {
			t.Errorf("beside %s: %v", bound, bad)
		}
	}
}
