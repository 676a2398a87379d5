package aus

import (
	"cmp"
	"strconv"
	"strings"

	"slipway/updates/mar"
)

// Line is an updateLine of a release blob: what the clients it is for are told
// beside the patches.
type Line struct {
	For    Conditions `json:"for"`
	Fields Fields     `json:"fields"`
}

// Conditions must all hold; an absent one always does, and one of the values
// of a list is enough.
type Conditions struct {
	Locales  []string `json:"locales,omitempty"`
	Channels []string `json:"channels,omitempty"` // a trailing * matches the rest
	Versions []string `json:"versions,omitempty"` // 12.0, or with < <= > >= before it
	BuildIDs []string `json:"buildIDs,omitempty"` // likewise
}

// Fields are told to the client as they are; %LOCALE% in a URL becomes its
// locale.
type Fields struct {
	Type                     string `json:"type,omitempty"` // minor, major
	DetailsURL               string `json:"detailsURL,omitempty"`
	Actions                  string `json:"actions,omitempty"` // separated by spaces
	OpenURL                  string `json:"openURL,omitempty"`
	NotificationURL          string `json:"notificationURL,omitempty"`
	AlertURL                 string `json:"alertURL,omitempty"`
	ShowPrompt               *bool  `json:"showPrompt,omitempty"`
	ShowNeverForVersion      *bool  `json:"showNeverForVersion,omitempty"`
	PromptWaitTime           *int64 `json:"promptWaitTime,omitempty"` // seconds
	DisableBITS              bool   `json:"disableBITS,omitempty"`
	DisableBackgroundUpdates bool   `json:"disableBackgroundUpdates,omitempty"`
}

// values are the fields that are set, by their names in update.xml.
func (f Fields) values(locale string) map[string]string {
	m := map[string]string{}
	set := func(key, v string) {
		if v != "" {
			m[key] = v
		}
	}
	here := strings.NewReplacer("%LOCALE%", locale, "%locale%", locale)
	set("type", f.Type)
	set("actions", f.Actions)
	set("detailsURL", here.Replace(f.DetailsURL))
	set("openURL", here.Replace(f.OpenURL))
	set("notificationURL", here.Replace(f.NotificationURL))
	set("alertURL", here.Replace(f.AlertURL))
	if f.ShowPrompt != nil {
		set("showPrompt", strconv.FormatBool(*f.ShowPrompt))
	}
	if f.ShowNeverForVersion != nil {
		set("showNeverForVersion", strconv.FormatBool(*f.ShowNeverForVersion))
	}
	if f.PromptWaitTime != nil {
		set("promptWaitTime", strconv.FormatInt(*f.PromptWaitTime, 10))
	}
	if f.DisableBITS {
		set("disableBITS", "true")
	}
	if f.DisableBackgroundUpdates {
		set("disableBackgroundUpdates", "true")
	}
	return m
}

// Query is what a client says of itself, as far as lines look at it.
type Query struct {
	Version, BuildID, Target, Locale, Channel string
}

func (c Conditions) match(q Query) bool {
	return anyOr(c.Locales, func(v string) bool { return v == q.Locale }) &&
		anyOr(c.Channels, func(v string) bool { return matchChannel(v, q.Channel) }) &&
		anyOr(c.Versions, func(v string) bool { return parseBound(v, mar.CompareVersions).match(q.Version) }) &&
		anyOr(c.BuildIDs, func(v string) bool { return parseBound(v, compareBuildIDs).match(q.BuildID) })
}

// anyOr says whether one of the values fits, or there are none.
func anyOr(values []string, fits func(string) bool) bool {
	for _, v := range values {
		if fits(v) {
			return true
		}
	}
	return len(values) == 0
}

// matchChannel also tries the channel that a partner's build falls back to:
// release-cck-foo is release, too.
func matchChannel(pattern, channel string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(channel, prefix)
	}
	return pattern == channel || pattern == fallbackChannel(channel)
}

func fallbackChannel(channel string) string {
	base, _, _ := strings.Cut(channel, "-cck-")
	return base
}

func compareBuildIDs(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// bound is a value or everything on one side of it.
type bound struct {
	op, value string
	compare   func(a, b string) int
}

func parseBound(s string, compare func(a, b string) int) bound {
	for _, op := range []string{"<=", ">=", "<", ">"} {
		if v, ok := strings.CutPrefix(s, op); ok {
			return bound{op, v, compare}
		}
	}
	return bound{"=", s, compare}
}

func (b bound) match(v string) bool {
	c := b.compare(v, b.value)
	switch b.op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	case ">=":
		return c >= 0
	}
	return c == 0
}
