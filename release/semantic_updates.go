package release

import (
	"fmt"
	"net/url"
	"strings"

	"slipway/updates/aus"
	"slipway/updates/mar"
)

// checkUpdates: what would stop the MARs, or send clients to a place where none
// is, hours after the build began.
func (c *Config) checkUpdates(bad complain) {
	u := c.Updates
	if err := mar.CheckChannel(u.MARChannel); err != nil {
		bad("updates.mar-channel", "%v", err)
	}
	for i, p := range u.Force {
		checkPath(bad, fmt.Sprintf("updates.force.%d", i), p)
	}
	if err := aus.CheckWord(blobName(c.DisplayName)); err != nil && len(u.Channels) > 0 {
		bad("display-name", "%v: clients ask for the product by it", err)
	}
	for _, name := range sortedKeys(u.Channels) {
		at, link := "updates.channels."+name, u.Channels[name].URL
		checkName(bad, at, name)
		if strings.Contains(name, "+") {
			bad(at, "%q: a + joins the channels of a release; want another name", name)
		}
		switch {
		case !isWeb(strings.NewReplacer("{", "", "}", "", "%", "").Replace(link)):
			bad(at+".url", "%q: want an absolute http or https URL", link)
		case !strings.Contains(link, "{path}") && !strings.Contains(link, "{file}"):
			bad(at+".url", "%q: every MAR would have this one URL; want {path} in it, or {directory}, {locale} and {file}", link)
		default:
			checkWords(bad, at+".url", link, "directory", "locale", "file", "version", "build", "path", "product")
		}
	}
	c.checkAnswers(bad)
}

// isWeb tells an absolute http or https URL.
func isWeb(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// checkWords: what stands in braces is filled in, or is a slip.
func checkWords(bad complain, at, pattern string, known ...string) {
	for _, rest := range strings.Split(pattern, "{")[1:] {
		word, _, closed := strings.Cut(rest, "}")
		if fits := closed && strings.Contains(" "+strings.Join(known, " ")+" ", " "+word+" "); !fits {
			bad(at, "%q: nothing is filled in for {%s}%s; want %s", pattern, word, suggest(word, known), "{"+strings.Join(known, "} {")+"}")
		}
	}
}
