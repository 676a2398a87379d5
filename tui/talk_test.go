package tui

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
)

// What X does on the rollout screen is a numbered choice for who listens.
func TestTalkHaltsARollout(t *testing.T) {
	t.Parallel()
	f := rollingFake()
	var out bytes.Buffer
	answers := strings.NewReader("1\n9\ncrashes\n0\n0\n") // the release, its last deed, the reason, back, leave
	if err := NewTalk(Env{Now: func() time.Time { return noon }, User: "ann"}, f, answers, &out).Run(); err != nil {
		t.Fatal(err)
	}
	want := []string{"rollout", "halt", "skiff-1.2-build2", "--confirm", "1.2", "--by", "ann", "--reason", "crashes"}
	if len(f.ran) != 1 || !slices.Equal(f.ran[0], want) {
		t.Errorf("ran %q, want %q; it said\n%s", f.ran, want, &out)
	}
}

// An answer that is none of those asked for is not taken for one of them.
func TestTalkTakesNoOtherAnswers(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	z := &wizard{version: "1.3", build: "1", suggest: Suggestion{Priors: []string{"1.2"}}, chosen: map[string]bool{"1.2": true}}
	answers := strings.NewReader("\n\nchemspil\nchemspill\ny\n\n")
	if err := NewTalk(Env{Now: func() time.Time { return noon }}, newFake(1), answers, &out).fill(z); err != nil {
		t.Fatal(err)
	}
	if !z.chemspill || !z.chosen["1.2"] || strings.Count(out.String(), "Not understood: ") != 2 {
		t.Errorf("chemspill %v, partials from %v; it said\n%s", z.chemspill, z.chosen, &out)
	}
}

func TestPagerIsSplitAtSpaces(t *testing.T) {
	t.Parallel()
	for pager, want := range map[string]string{"": "less /t.log", "less -FX": "less -FX /t.log", " most ": "most /t.log"} {
		if got := strings.Join(pagerCommand(pager, "/t.log").Args, " "); got != want {
			t.Errorf("PAGER=%q: got %s, want %s", pager, got, want)
		}
	}
}
