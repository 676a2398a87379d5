package mail

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Urgency of a release: the same steps, another haste.
type Urgency string

const (
	Routine   Urgency = "routine"
	Chemspill Urgency = "chemspill"
)

// Revision is an exact state of a repository.
type Revision struct {
	Repository string `json:"repository"`
	Revision   string `json:"revision"`      // 40 or 64 hex digits
	URL        string `json:"url,omitempty"` // where people look at it
}

// Facts are what mails are made of. Which of them a kind needs, [Compose] says.
type Facts struct {
	From  string              `json:"from"`  // Name <address>
	Lists map[string][]string `json:"lists"` // addresses by audience: all, drivers, av-vendors
	Date  time.Time           `json:"date"`

	Product string  `json:"product"` // as people write it: Firefox
	Version string  `json:"version"`
	Build   int     `json:"build"`
	Project string  `json:"project,omitempty"` // repository or branch line: mozilla-beta
	Group   string  `json:"group,omitempty"`   // desktop, mobile; default desktop
	Urgency Urgency `json:"urgency,omitempty"`
	// Serial tells apart several mails of one kind about one build: the second
	// all stop has 2. 0 and 1 are the first.
	Serial int `json:"serial,omitempty"`

	Revisions []Revision `json:"revisions,omitempty"`
	Cutoff    string     `json:"cutoff,omitempty"` // 2026-03-01T10:15:00+01:00: seconds and zone
	Locales   []string   `json:"locales,omitempty"`
	Partials  []string   `json:"partials,omitempty"` // prior versions
	Partners  []string   `json:"partners,omitempty"`

	Who  string `json:"who,omitempty"`
	Role string `json:"role,omitempty"`

	Stage    string `json:"stage,omitempty"`
	Platform string `json:"platform,omitempty"`
	Channel  string `json:"channel,omitempty"`
	Rate     *int   `json:"rate,omitempty"`     // percent of users
	Duration string `json:"duration,omitempty"` // of that rate: 24h

	Reason  string `json:"reason,omitempty"`
	Running string `json:"running,omitempty"` // all stop: what happens to running jobs
	Decides string `json:"decides,omitempty"` // all stop: who decides what comes next
	Link    string `json:"link,omitempty"`
	// Directory of a candidate, below the publish directory.
	Directory string   `json:"directory,omitempty"`
	Log       []string `json:"log,omitempty"` // last lines of what failed
	Comment   string   `json:"comment,omitempty"`
}

var (
	versionForm = regexp.MustCompile(`^[0-9][0-9A-Za-z.+-]{0,31}$`)
	revForm     = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
)

// check returns all that is wrong with the facts for a mail of this kind.
func (f Facts) check(k Kind) error {
	form, ok := forms[k]
	if !ok {
		return fmt.Errorf("no mail of kind %q; there are %s", short(string(k)), strings.Join(Kinds(), ", "))
	}
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	for _, l := range f.oneLiners() {
		if why := notOneLine(l.text); why != "" {
			bad("%s %q: %s", l.name, short(l.text), why)
		}
	}
	if f.Product == "" {
		bad("no product")
	}
	if !versionForm.MatchString(f.Version) {
		bad("version %q: want an exact version such as 10.0.1", short(f.Version))
	}
	if f.Build < 1 {
		bad("build number %d: they count from 1", f.Build)
	}
	if f.Date.IsZero() {
		bad("no date")
	}
	if f.Urgency != "" && f.Urgency != Routine && f.Urgency != Chemspill {
		bad("urgency %q: want routine or chemspill", f.Urgency)
	}
	if f.Rate != nil && (*f.Rate < 0 || *f.Rate > 100) {
		bad("rate %d: want a percentage from 0 to 100", *f.Rate)
	}
	if err := checkCutoff(f.Cutoff); err != nil {
		bad("%w", err)
	}
	for _, r := range f.Revisions {
		if err := r.check(); err != nil {
			bad("%w", err)
		}
	}
	if f.Link != "" {
		if err := checkURL(f.Link); err != nil {
			bad("link %w", err)
		}
	}
	for _, need := range form.needs {
		if f.lacks(need) {
			bad("a mail of kind %s needs %s", k, need)
		}
	}
	return errors.Join(errs...)
}

// lacks: a need that nobody knows is one that is never met.
func (f Facts) lacks(need string) bool {
	return !map[string]bool{
		"revisions": len(f.Revisions) > 0, "urgency": f.Urgency != "", "who": f.Who != "", "reason": f.Reason != "",
		"running": f.Running != "", "decides": f.Decides != "", "stage": f.Stage != "", "project": f.Project != "",
		"channel": f.Channel != "", "rate": f.Rate != nil, "link": f.Link != "",
	}[need]
}

func (r Revision) check() error {
	if !revForm.MatchString(r.Revision) {
		return fmt.Errorf("revision %q of %q: want 40 or 64 hex digits; a branch, a tag or \"latest\" may move before the build begins", short(r.Revision), short(r.Repository))
	}
	if r.URL == "" {
		return nil
	}
	if err := checkURL(r.URL); err != nil {
		return fmt.Errorf("revision of %q: %w", short(r.Repository), err)
	}
	if !strings.Contains(r.URL, r.Revision) {
		return fmt.Errorf("revision of %q: URL %s does not hold %s, so it shows something else some day", short(r.Repository), short(r.URL), r.Revision)
	}
	return nil
}

func checkURL(s string) error {
	u, err := url.Parse(s)
	if err != nil || notOneLine(s) != "" || strings.ContainsAny(s, " <>\"") {
		return fmt.Errorf("%q: not a URL", short(s))
	}
	switch u.Scheme {
	case "https", "http", "file":
		return nil
	}
	return fmt.Errorf("%q: want https, http or file", short(s))
}

// checkCutoff wants one instant. A mix-up of PDT and PST once left the last
// fix out of a release: named zones mean different things to different people.
func checkCutoff(s string) error {
	if s == "" {
		return nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00", "2006-01-02 15:04:05 -0700"} {
		if _, err := time.Parse(layout, s); err == nil {
			return nil
		}
	}
	return fmt.Errorf("cutoff time %q: want seconds and a numeric zone, as in 2026-03-01T10:15:00-08:00", short(s))
}

type oneLiner struct{ name, text string }

// oneLiners are the facts that get into headers and into lines of the body.
func (f Facts) oneLiners() []oneLiner {
	list := []oneLiner{
		{"product", f.Product},
		{"project", f.Project},
		{"group", f.Group},
		{"who", f.Who},
		{"role", f.Role},
		{"stage", f.Stage},
		{"platform", f.Platform},
		{"channel", f.Channel},
		{"duration", f.Duration},
		{"directory", f.Directory},
	}
	for _, r := range f.Revisions {
		list = append(list, oneLiner{"repository", r.Repository})
	}
	return list
}

// maxLine keeps a subject readable; RFC 5322 allows no line of more than 998.
const maxLine = 200

func notOneLine(s string) string {
	switch {
	case len(s) > maxLine:
		return fmt.Sprintf("%d bytes, limit %d", len(s), maxLine)
	case !utf8.ValidString(s):
		return "not UTF-8"
	case strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "holds a line break or another character that is not printed; it could add headers"
	case strings.TrimSpace(s) != s || strings.Contains(s, "  "):
		return "has spaces at an end or two in a row, which mail programs drop"
	}
	return ""
}

func short(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}
