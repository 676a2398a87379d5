package release

import (
	"slices"
	"strings"

	"slipway/updates/aus"
)

// Line is what some clients are told beside the patches. Its conditions must
// all hold; of a list, one value is enough.
type Line struct {
	Versions []string `json:"versions,omitempty" jsonschema_description:"that clients run: 1.0, or with < <= > >= before it; default: all"`
	Locales  []string `json:"locales,omitempty" jsonschema_description:"default: all"`
	Channels []string `json:"channels,omitempty" jsonschema_description:"a trailing * matches the rest; default: all"`
	BuildIDs []string `json:"build-ids,omitempty" jsonschema_description:"as versions; default: all"`

	Type            string   `json:"type,omitempty" jsonschema:"enum=minor,enum=major" jsonschema_description:"instead of updates.type, which the others are told; versions must be one bound then"`
	Details         string   `json:"details-url,omitempty" jsonschema_description:"instead of updates.details-url, likewise"`
	Actions         []string `json:"actions,omitempty" jsonschema_description:"what the client does after the update, such as showURL or showNotification"`
	OpenURL         string   `json:"open-url,omitempty" jsonschema_description:"the what's-new page, for showURL; %LOCALE% and %OLD_VERSION% are filled in"`
	NotificationURL string   `json:"notification-url,omitempty" jsonschema_description:"for showNotification"`
	AlertURL        string   `json:"alert-url,omitempty" jsonschema_description:"for showAlert"`
	ShowPrompt      *bool    `json:"show-prompt,omitempty" jsonschema_description:"ask before the download"`
	ShowNever       *bool    `json:"show-never-for-version,omitempty" jsonschema_description:"offer a button to skip this version"`
	PromptWaitTime  *int64   `json:"prompt-wait-time,omitempty" jsonschema:"minimum=0,maximum=31536000" jsonschema_description:"seconds until a client that downloaded the update says so"`
	NoBITS          bool     `json:"disable-bits,omitempty" jsonschema_description:"download without the Background Intelligent Transfer Service of Windows"`
	NoBackground    bool     `json:"disable-background-updates,omitempty" jsonschema_description:"not while the product is closed"`
}

// lines are what an offer's clients are told: first the lines of the file, by
// its order, then type and details for whom no line has others. fill puts the
// release's names into URLs.
func (u Updates) lines(fill func(string) string) []aus.Line {
	var all []aus.Line
	for _, l := range u.Lines {
		all = append(all, aus.Line{
			For: aus.Conditions{Locales: l.Locales, Channels: l.Channels, Versions: l.Versions, BuildIDs: l.BuildIDs},
			Fields: aus.Fields{
				Type: l.Type, DetailsURL: fill(l.Details), Actions: strings.Join(l.Actions, " "), OpenURL: fill(l.OpenURL),
				NotificationURL: fill(l.NotificationURL), AlertURL: fill(l.AlertURL), ShowPrompt: l.ShowPrompt,
				ShowNeverForVersion: l.ShowNever, PromptWaitTime: l.PromptWaitTime,
				DisableBITS: l.NoBITS, DisableBackgroundUpdates: l.NoBackground,
			},
		})
	}
	types, details := u.others(hasType), u.others(hasDetails)
	base := aus.Line{For: aus.Conditions{Versions: types}, Fields: aus.Fields{Type: u.Type, DetailsURL: fill(u.Details)}}
	if u.Details == "" || slices.Equal(types, details) {
		return append(all, base)
	}
	base.Fields.DetailsURL = ""
	return append(all, base, aus.Line{For: aus.Conditions{Versions: details}, Fields: aus.Fields{DetailsURL: fill(u.Details)}})
}

func hasType(l Line) bool    { return l.Type != "" }
func hasDetails(l Line) bool { return l.Details != "" }

// others are the versions that no line which says the thing is for. A blob
// cannot say "not", so there can be only one such line, with one bound.
func (u Updates) others(says func(Line) bool) []string {
	for _, l := range u.Lines {
		if says(l) && l.oneBound() {
			return beside(l.Versions[0])
		}
	}
	return nil
}

func (l Line) oneBound() bool {
	return len(l.Versions) == 1 && len(l.Locales)+len(l.Channels)+len(l.BuildIDs) == 0
}

// beside are the bounds that hold exactly where this one does not.
func beside(bound string) []string {
	for _, pair := range [][2]string{{"<=", ">"}, {">=", "<"}, {"<", ">="}, {">", "<="}} {
		if v, ok := strings.CutPrefix(bound, pair[0]); ok {
			return []string{pair[1] + v}
		}
	}
	return []string{"<" + bound, ">" + bound}
}

// checkAnswers: lines that contradict each other, watersheds that are none,
// forms that cannot say what is to be said.
func (c *Config) checkAnswers(bad complain) {
	u := c.Updates
	c.checkRollout(bad)
	for what, says := range map[string]func(Line) bool{"type": hasType, "details-url": hasDetails} {
		n := 0
		for i, l := range u.Lines {
			if !says(l) || what == "details-url" && u.Details == "" {
				continue
			}
			if n++; n > 1 || !l.oneBound() {
				bad("updates.lines", "line %d says another %s than updates.%s: only one line can, with one version such as \"<2.0\" and no other condition", i+1, what, what)
			}
		}
	}
	asIs := func(url string) string { return fillIn(url, c.Product, "1.0", 1, epoch) }
	own := aus.Line{Fields: aus.Fields{Type: u.Type, DetailsURL: asIs(u.Details)}}
	if errs := aus.CheckLines([]aus.Line{own}); len(errs) > 0 {
		for _, err := range errs {
			bad("updates.details-url", "%v", strings.TrimPrefix(err.Error(), "line 1: detailsURL: "))
		}
		u.Details = "" // told once is enough
	}
	for _, err := range aus.CheckLines(u.lines(asIs)) {
		bad("updates.lines", "%v", err)
	}
	for _, text := range u.Watersheds {
		if _, err := ParseVersion(c.VersionScheme, text); err != nil {
			bad("updates.watersheds", "%v", err)
		}
	}
	has := c.answersIn
	if len(u.Watersheds) > 0 && !has(aus.Blobs) {
		bad("updates.answers", "blob is missing: the next release reads in it what a watershed offers")
	}
	if has(aus.Snippets1) && has(aus.Snippets2) {
		bad("updates.answers", "snippets-v1 and snippets-v2 have the same names; want one of them")
	}
	if has(aus.Snippets1) && (u.Type != "minor" || slices.ContainsFunc(u.Lines, func(l Line) bool { return !l.plain() })) {
		bad("updates.answers", "snippets-v1 can say versions and details only; with major updates or other lines want snippets-v2")
	}
	for _, name := range sortedKeys(u.Channels) {
		ch := u.Channels[name]
		if of, ok := u.Channels[ch.TestOf]; ch.TestOf != "" && (!ch.Test || !ok || of.Test) {
			bad("updates.channels."+name+".test-of", "%q: want a live channel, of a test channel", ch.TestOf)
		}
	}
}

func (c *Config) answersIn(f aus.Form) bool { return slices.Contains(c.Updates.Answers, string(f)) }

// plain lines can be told in any form.
func (l Line) plain() bool {
	return l.Type != "major" && len(l.Actions) == 0 && l.OpenURL+l.NotificationURL+l.AlertURL == "" &&
		l.ShowPrompt == nil && l.ShowNever == nil && l.PromptWaitTime == nil && !l.NoBITS && !l.NoBackground
}
