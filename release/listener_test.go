package release

import (
	"regexp"
	"strings"
	"testing"

	"slipway/release/pipeline"
)

// What a failed step printed tells whether the same may go well later.
func TestTransientFailuresAreTheWorlds(t *testing.T) {
	t.Parallel()
	steps := `[[sh, -c, "printf 'fetching a crate\\nerror: Connection reset by peer'; exit 1"]]`
	for extra, want := range map[string]pipeline.Class{
		"transient: [\"^nothing$\", \"[Cc]onnection reset\"]": pipeline.Infra,
		"transient: [Connection refused]":                     pipeline.Input,
		"pool: build":                                         pipeline.Input,
	} {
		_, _, err := oneBuild(t, steps, extra)
		if pipeline.ClassOf(err) != want {
			t.Errorf("%s: got %s %v, want %s", extra, pipeline.ClassOf(err), err, want)
		}
	}
	_, err := Parse("slipway.yaml", []byte(strings.Replace(small, "root: skiff", "root: skiff\n    transient: [\"(\"]", 1)))
	if err == nil || !strings.Contains(err.Error(), `platforms.linux64.transient.0: "(": want a regular expression`) {
		t.Errorf("got %v", err)
	}
}

// Words decide nothing of the bytes: a build is not made again for a new one.
func TestTransientWordsAreNoPartOfAKey(t *testing.T) {
	t.Parallel()
	key := func(extra string) string {
		p := newProduct(t)
		p.edit("    archive: tar.xz\n", "    archive: tar.xz\n"+extra)
		for _, task := range Graph(p.plan("1.0", 1)).Tasks {
			if task.ID == "build/linux64" {
				k, err := pipeline.Key(task, 1, []string{"tag"})
				if err != nil {
					t.Fatal(err)
				}
				return k
			}
		}
		return ""
	}
	if a, b := key(""), key("    transient: [reset]\n"); a != b || a == "" {
		t.Errorf("keys %q and %q", a, b)
	}
}

func TestListener(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 2*maxHeard)
	for _, c := range []struct {
		writes []string
		want   bool
	}{
		{[]string{"a reset\n"}, true},
		{[]string{"a re", "set"}, true},
		{[]string{"re\n", "set\n"}, false},
		{[]string{long, "reset\n", "reset\n"}, true},
		{[]string{long + "reset"}, false},
		{[]string{"\n\nreset\n\n"}, true},
	} {
		var out strings.Builder
		l := &listener{w: &out, words: []*regexp.Regexp{regexp.MustCompile("reset")}}
		for _, w := range c.writes {
			if n, err := l.Write([]byte(w)); n != len(w) || err != nil {
				t.Fatal(n, err)
			}
		}
		if got := l.heard(); got != c.want || out.String() != strings.Join(c.writes, "") {
			t.Errorf("%.40q: heard %t, want %t; %d bytes passed on", c.writes, got, c.want, out.Len())
		}
	}
}
