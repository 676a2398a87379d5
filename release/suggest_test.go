package release

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// What is proposed can be planned: a version that the scheme knows, and partials
// from releases of its kind, as many as slipway.yaml says.
func TestSuggestProposesWhatCanBePlanned(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, scheme, released, version, usual string
		build                                  int
	}{
		{"nothing yet", "mozilla", "", "1.0", "", 1},
		{"nothing yet of semver", "semver", "", "1.0.0", "", 1},
		{"before the train", "mozilla", "1.0 1.1 1.2 1.3", "1.4", "1.3 1.2 1.1", 1},
		{"a major version", "mozilla", "10.0 9.0", "10.0.1", "10.0 9.0", 1},
		{"the first of an ESR branch", "mozilla", "140.0esr", "140.0.1esr", "140.0esr", 1},
		{"a later one", "mozilla", "140.0esr 140.1.0esr", "140.1.1esr", "140.1.0esr 140.0esr", 1},
		{"auroras", "mozilla", "53.0a2 54.0a2", "55.0a2", "54.0a2 53.0a2", 1},
		{"nightlies", "mozilla", "60.0a1", "61.0a1", "60.0a1", 1},
		{"a candidate of semver", "semver", "1.0.0-rc.1", "1.0.0-rc.2", "1.0.0-rc.1", 1},
		{"betas get partials from betas", "mozilla", "10.0 11.0b1 11.0b2", "11.0b3", "11.0b2 11.0b1", 1},
		{"a candidate that was not pushed", "mozilla", "1.0 1.1-candidates/build1", "1.1", "1.0", 2},
	} {
		pub := fstest.MapFS{}
		for _, name := range strings.Fields(c.released) {
			dir := "skiff/releases/"
			if strings.Contains(name, "candidates") {
				dir = "skiff/candidates/"
			}
			pub[dir+name+"/release.json"] = &fstest.MapFile{}
		}
		three := 3
		s, err := Suggest(t.Context(), Config{Product: "skiff", VersionScheme: c.scheme, Updates: Updates{Priors: &three}}, World{Publish: pub})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if s.Version != c.version || s.Build != c.build || !slices.Equal(s.Usual, strings.Fields(c.usual)) {
			t.Errorf("%s: got %s build %d from %v, want %s build %d from [%s]", c.name, s.Version, s.Build, s.Usual, c.version, c.build, c.usual)
		}
	}
}
