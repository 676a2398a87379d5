package updates

import (
	"fmt"

	"slipway/updates/mar"
)

// precomplete holds the list that an update installs, which the next complete
// one runs, against what this one installs.
func (l *linter) precomplete(e mar.Entry, text []byte) {
	lines, err := ParsePrecomplete(text)
	if err != nil {
		l.refusal(e, fmt.Errorf("the next complete update stops on it: %w", err))
		return
	}
	listed := map[string]bool{}
	for _, in := range lines {
		listed[in.Path] = true
	}
	var left []string
	for _, p := range l.installs {
		if !listed[p] && !survivesComplete(p) {
			left = append(left, p)
		}
	}
	if len(left) > 0 {
		l.add(mar.Note, e, mar.Accepts, "does not list %q (files like it: %d); the next complete update will leave it behind", left[0], len(left))
	}
}
