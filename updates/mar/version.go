package mar

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Admit says what an installed application's updater makes of the archive: its
// channel id must be one of accepted (ACCEPTED_MAR_CHANNEL_IDS of
// update-settings.ini; an empty list accepts all) and its version not lower
// than running. The finding's code is the updater's.
func (a *Archive) Admit(accepted []string, running string) error {
	if len(accepted) > 0 && !slices.Contains(accepted, a.Channel) {
		return Finding{Fails, 0, fmt.Sprintf("channel id %q, the application accepts %q", a.Channel, accepted), ChannelMismatch}
	}
	if CompareVersions(running, a.Version) > 0 {
		return Finding{Fails, 0, fmt.Sprintf("version %s is lower than %s, which runs", a.Version, running), Downgrade}
	}
	return nil
}

// CompareVersions orders versions as Mozilla's toolkit does
// (xpcom/base/nsVersionComparator): parts between dots, missing ones zero, and
// in a part number, text, number, text. Text sorts before its absence, so
// 1.0b2 < 1.0; "*" is above every number and "1+" means "2pre".
func CompareVersions(a, b string) int {
	for a != "" || b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		if c := parsePart(x).compare(parsePart(y)); c != 0 {
			return c
		}
	}
	return 0
}

type versionPart struct {
	num1 int64
	text string
	num2 int64
	rest string
}

func parsePart(s string) versionPart {
	if s == "*" {
		return versionPart{num1: math.MaxInt32}
	}
	var p versionPart
	p.num1, s = leadingInt(s)
	if strings.HasPrefix(s, "+") {
		p.num1++
		p.text = "pre"
		return p
	}
	end := strings.IndexAny(s, "0123456789+-")
	if end < 0 {
		p.text = s
		return p
	}
	p.text = s[:end]
	p.num2, p.rest = leadingInt(s[end:])
	return p
}

// leadingInt reads a decimal integer as C's strtol does, but stays in 32 bits.
func leadingInt(s string) (int64, string) {
	i := 0
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	start := i
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	if i == start {
		return 0, s
	}
	n, err := strconv.ParseInt(s[:i], 10, 32)
	if err != nil { // out of range: ParseInt gives the nearest
		return n, s[i:]
	}
	return n, s[i:]
}

func (p versionPart) compare(o versionPart) int {
	if c := cmp.Compare(p.num1, o.num1); c != 0 {
		return c
	}
	if c := compareText(p.text, o.text); c != 0 {
		return c
	}
	if c := cmp.Compare(p.num2, o.num2); c != 0 {
		return c
	}
	return compareText(p.rest, o.rest)
}

// compareText puts text before no text.
func compareText(a, b string) int {
	if (a == "") != (b == "") {
		if a == "" {
			return 1
		}
		return -1
	}
	return strings.Compare(a, b)
}
