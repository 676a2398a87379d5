package release

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// locales: each has its files at its revision, and those that came since the last
// release are named.
func (c *checker) locales(ctx context.Context) {
	c.retired()
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
	c.ok("locales", "%d have their files%s", n, c.come())
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

func (c *checker) come() string {
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
	return text
}

// retired: users of a locale that is made no more get no update. Somebody meant it,
// and says why in slipway.yaml, or it fell out of a list.
func (c *checker) retired() {
	p := c.plan
	if len(p.Priors) == 0 {
		return
	}
	prior := p.Priors[0]
	for _, id := range sortedKeys(prior.MARs) {
		if _, made := p.Config.Platforms[id]; !made {
			continue // said of the platform
		}
		for _, code := range sortedKeys(prior.MARs[id]) {
			why := p.retired(id, code)
			switch {
			case slices.Contains(p.codes(id), code):
			case why == "":
				c.bad("locales", fmt.Errorf("%s was made for %s in %s and is not any more: its users get no update; if that is meant, say why in locales.retired", code, id, prior.Version))
			default:
				c.ok("locales", "%s is not made for %s any more: %s", code, id, why)
			}
		}
	}
}

// retired is why a locale is made no more on a platform, as slipway.yaml says.
func (p *Plan) retired(id, code string) string {
	return cmp.Or(p.Config.Locales.Retired[code+"/"+id], p.Config.Locales.Retired[code])
}
