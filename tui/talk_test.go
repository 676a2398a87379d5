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

func TestPagerIsSplitAtSpaces(t *testing.T) {
	t.Parallel()
	for pager, want := range map[string]string{"": "less /t.log", "less -FX": "less -FX /t.log", " most ": "most /t.log"} {
		if got := strings.Join(pagerCommand(pager, "/t.log").Args, " "); got != want {
			t.Errorf("PAGER=%q: got %s, want %s", pager, got, want)
		}
	}
}
