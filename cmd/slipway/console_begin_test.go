package main

import (
	"slices"
	"testing"

	"slipway/tui"
)

// The command that the wizard shows writes the plan that the wizard writes: no
// partials at all must be said, for leaving --from out takes the newest.
func TestPlanCommandLine(t *testing.T) {
	for name, c := range map[string]struct {
		from []string
		want []string
	}{
		"some": {[]string{"1.0", "1.1"}, []string{"--from", "1.0", "--from", "1.1"}},
		"none": {nil, []string{"--from", ""}},
	} {
		got := planCommandLine(tui.Draft{Version: "1.2", Build: 1, Revisions: map[string]string{"main": "abc"}, From: c.from, Urgency: "routine"})
		want := slices.Concat([]string{"plan", "1.2", "--build", "1", "--rev", "abc"}, c.want, []string{"--urgency", "routine"})
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
