package aus

import (
	"fmt"
	"strings"

	"slipway/updates/mar"
)

// CheckLines finds fields that one client would be told twice, and values that
// the schema does not allow.
func CheckLines(lines []Line) []error {
	var bad []error
	for i, l := range lines {
		bad = append(bad, l.check(i+1)...)
		for j, m := range lines[:i] {
			if !l.For.overlaps(m.For) {
				continue
			}
			set := m.Fields.values("")
			for key := range l.Fields.values("") {
				if _, both := set[key]; both {
					bad = append(bad, fmt.Errorf("lines %d and %d both say %s to the same clients", j+1, i+1, key))
				}
			}
		}
	}
	return bad
}

func (c Conditions) overlaps(o Conditions) bool {
	return overlap(c.Locales, o.Locales, func(a, b string) bool { return a == b }) &&
		overlap(c.Channels, o.Channels, channelsOverlap) &&
		overlap(c.Versions, o.Versions, boundsOverlap(mar.CompareVersions)) &&
		overlap(c.BuildIDs, o.BuildIDs, boundsOverlap(compareBuildIDs))
}

func overlap(a, b []string, both func(a, b string) bool) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	for _, x := range a {
		for _, y := range b {
			if both(x, y) {
				return true
			}
		}
	}
	return false
}

func channelsOverlap(a, b string) bool {
	x, xGlob := strings.CutSuffix(a, "*")
	y, yGlob := strings.CutSuffix(b, "*")
	switch {
	case xGlob && yGlob:
		return strings.HasPrefix(x, y) || strings.HasPrefix(y, x)
	case yGlob:
		return channelsOverlap(b, a)
	case xGlob: // y itself, or a partner's channel that falls back to it
		return strings.HasPrefix(y+"-cck-", x) || strings.HasPrefix(x, y+"-cck-")
	}
	return matchChannel(a, b) || matchChannel(b, a)
}

func boundsOverlap(compare func(a, b string) int) func(a, b string) bool {
	return func(a, b string) bool { return parseBound(a, compare).overlaps(parseBound(b, compare)) }
}

func (l Line) check(n int) []error {
	var bad []error
	add := func(format string, args ...any) {
		bad = append(bad, fmt.Errorf("line %d: %w", n, fmt.Errorf(format, args...)))
	}
	if t := l.Fields.Type; t != "" && t != minor && t != major {
		add("type %q: want minor or major", t)
	}
	if w := l.Fields.PromptWaitTime; w != nil && *w < 0 {
		add("promptWaitTime %d", *w)
	}
	if err := checkText(l.Fields.Actions); err != nil {
		add("actions %w", err)
	}
	for key, u := range map[string]string{
		"detailsURL": l.Fields.DetailsURL, "openURL": l.Fields.OpenURL,
		"notificationURL": l.Fields.NotificationURL, "alertURL": l.Fields.AlertURL,
	} {
		if u == "" {
			continue
		}
		// %OLD_VERSION% and %VERSION% are the client's to fill in.
		u = strings.NewReplacer("%OLD_VERSION%", "x", "%VERSION%", "x").Replace(fillBlobURL(u, "x", "x", "x"))
		if err := (URLPolicy{AllowHTTP: true}).CheckURL(u); err != nil {
			add("%s: %w", key, err)
		}
	}
	for _, v := range l.For.Versions {
		if err := CheckWord(parseBound(v, nil).value); err != nil {
			add("version %w", err)
		}
	}
	for _, v := range l.For.BuildIDs {
		if err := checkBuildID(parseBound(v, nil).value); err != nil {
			add("%w", err)
		}
	}
	for _, v := range l.For.Channels {
		if err := CheckWord(strings.TrimSuffix(v, "*")); err != nil && v != "*" {
			add("channel %w", err)
		}
	}
	for _, v := range l.For.Locales {
		if err := CheckWord(v); err != nil {
			add("locale %w", err)
		}
	}
	return bad
}

// overlaps says whether a value can match both.
func (b bound) overlaps(o bound) bool {
	up, down := b.op[0] == '>', b.op[0] == '<'
	oUp, oDown := o.op[0] == '>', o.op[0] == '<'
	switch {
	case b.op == "=":
		return o.match(b.value)
	case o.op == "=":
		return b.match(o.value)
	case up && oUp, down && oDown:
		return true
	case down:
		return o.overlaps(b)
	}
	// b reaches up from its value, o down from its own. Versions lie dense.
	c := b.compare(b.value, o.value)
	return c < 0 || c == 0 && b.op == ">=" && o.op == "<="
}
