package release

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// locales: each has its files at its revision, and those that came or went
// since the last release are named.
func (c *checker) locales(ctx context.Context) {
	p := c.plan
	repo, ok := p.repository(p.Config.Locales.Repository)
	if !ok {
		return
	}
	m, err := openMirror(ctx, c.env.Git, c.env.Root, repo.Name, repo.URL)
	if err != nil {
		c.bad("locales", err)
		return
	}
	n := 0
	var revs []string // where they lie is looked at once
	for _, l := range p.Locales {
		if l.Revision != repo.Revision && !slices.Contains(revs, l.Revision) { // that of the repository is tagged
			revs = append(revs, l.Revision)
		}
		dir := strings.ReplaceAll(p.Config.Locales.Directory, "{locale}", l.Code)
		if _, err := m.Dirs(ctx, l.Revision, dir); err != nil {
			c.bad("locales", fmt.Errorf("%s: %w", l.Code, err))
			continue
		}
		n++
	}
	if revs != nil {
		c.bad("locales", m.Reachable(ctx, revs...))
	}
	c.ok("locales", "%d have their files%s", n, c.comeAndGone())
	for _, id := range sortedKeys(p.Config.Platforms) {
		if len(p.codes(id)) == 1 && len(p.Locales) > 0 {
			c.ok("locales", "%s gets en-US only: no locale names %q; if that is wrong, see platforms.%s.l10n-id", id, p.Config.Platforms[id].L10nID, id)
		}
	}
}

// partners: what a configuration asks for that is not made here is said before
// the release, not found out after it.
func (c *checker) partners() {
	for _, p := range c.plan.Partners {
		if p.Config.Stub {
			c.ok("partners", "%s: repack_stub_installer is passed over: this partner gets what the installers of the platforms make", p.Name)
		}
		if p.Config.SetupExe != "" {
			c.ok("partners", "%s: replacement_setup_exe is passed over: this partner gets what the installers of the platforms make", p.Name)
		}
	}
}

func (c *checker) comeAndGone() string {
	if len(c.plan.Priors) == 0 {
		return ""
	}
	prior := c.plan.Priors[0]
	old, now := map[string]bool{}, map[string]bool{sourceLocale: true}
	for _, mars := range prior.MARs {
		for code := range mars {
			old[code] = true
		}
	}
	for _, l := range c.plan.Locales {
		now[l.Code] = true
	}
	text := ""
	for _, code := range sortedKeys(now) {
		if !old[code] {
			text += "; " + code + " is new since " + prior.Version
		}
	}
	for _, code := range sortedKeys(old) {
		if !now[code] {
			text += "; " + code + " was in " + prior.Version + " and is no more"
		}
	}
	return text
}
