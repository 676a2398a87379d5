package release

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"slipway/release/pipeline"
)

// Whoever approves sees, for every kind of client, who is led where.
func TestPreview(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.ship("1.0", 1)
	p.source("1.1", "second")
	clear(p.made)
	p.hold = stageShip
	plan := p.ship("1.1", 1)
	preview := func(plan *Plan) []string {
		t.Helper()
		var answers pipeline.Raw
		for key, id := range p.made {
			if id == SnippetsTask {
				answers = p.done[key]
			}
		}
		before := p.files("pub")
		list, err := p.env.Preview(t.Context(), plan, answers)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(before, p.files("pub")) {
			t.Error("a look changed something")
		}
		var lines []string
		for _, c := range list {
			if c.Channel == "release" {
				lines = append(lines, fmt.Sprintf("%s %s %s: %q %q %t %s", c.Version, c.Target, c.Locale, c.Now, c.Then, c.Partial, c.What))
			}
		}
		return lines
	}
	want := []string{
		`1.0 Darwin_x86_64-gcc3 de: "" "1.1" true new`,
		`1.0 Darwin_x86_64-gcc3 en-US: "" "1.1" true new`,
		`1.0 Linux_x86_64-gcc3 de: "" "1.1" true new`,
		`1.0 Linux_x86_64-gcc3 en-US: "" "1.1" true new`,
		`1.0 Linux_x86_64-gcc3 ja: "" "1.1" true new`,
	}
	if got := preview(plan); !slices.Equal(got, want) {
		t.Errorf("before 1.1: %q", got)
	}

	// Everybody is told something else before it ships.
	answer := func(target, locale string) string {
		return "pub/aus/update/Skiff/1.0/20260301101500/" + target + "/" + locale + "/release/update.xml"
	}
	told := p.read("pub/aus/update/Skiff/1.0/20260301101500/Linux_x86_64-gcc3/de/releasetest/update.xml")
	shipped := strings.ReplaceAll(told, "https://stage.skiff.example/build1/", "https://dl.skiff.example/releases/1.1/")
	p.write(answer("Linux_x86_64-gcc3", "de"), shipped)
	p.write(answer("Linux_x86_64-gcc3", "ja"), shipped)
	p.write(answer("Linux_x86_64-gcc3", "en-US"), strings.ReplaceAll(shipped, `ersion="1.1"`, `ersion="9.0"`))
	p.write(answer("Linux_x86_64-gcc3", "fr"), shipped)
	p.write(answer("Darwin_x86_64-gcc3", "de"), strings.ReplaceAll(shipped, `ersion="1.1"`, `ersion="1.0.1"`))
	want = []string{
		`1.0 Darwin_x86_64-gcc3 de: "1.0.1" "1.1" true raised`,
		`1.0 Darwin_x86_64-gcc3 en-US: "" "1.1" true new`,
		`1.0 Linux_x86_64-gcc3 de: "1.1" "1.1" true same`,
		`1.0 Linux_x86_64-gcc3 en-US: "9.0" "1.1" true lowered`,
		`1.0 Linux_x86_64-gcc3 ja: "1.1" "1.1" true changed`,
		`1.0 Linux_x86_64-gcc3 fr: "1.1" "" false gone`,
	}
	if got := preview(plan); !slices.Equal(got, want) {
		t.Errorf("changed: %q", got)
	}
}
