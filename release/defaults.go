package release

import (
	"cmp"
	"maps"
	"strings"

	"slipway/updates/aus"
)

// Names of repositories that have a part of their own.
const (
	mainRepository     = "main"
	l10nRepository     = "l10n"
	partnersRepository = "partners"
)

// fill gives every open field its default. There is no other place where a
// default is decided.
func (c *Config) fill() {
	c.DisplayName = cmp.Or(c.DisplayName, capital(c.Product))
	c.VersionScheme = cmp.Or(c.VersionScheme, "mozilla")
	c.Channel = cmp.Or(c.Channel, "release")
	c.Tags.Prefix = cmp.Or(c.Tags.Prefix, strings.ToUpper(strings.ReplaceAll(c.Product, "-", "_")))
	c.Tags.BranchPrefix = cmp.Or(c.Tags.BranchPrefix, c.Tags.Prefix)
	c.Tags.Tagger = cmp.Or(c.Tags.Tagger, c.DisplayName+" Release Engineering <release@localhost>")
	for i := range c.VersionFiles {
		v := &c.VersionFiles[i]
		v.Find = cmp.Or(v.Find, "{version}")
		v.Holds = cmp.Or(v.Holds, "version")
	}
	c.Source.Archive = cmp.Or(c.Source.Archive, "tar.xz")
	for id, p := range c.Platforms {
		p.fill(id)
		c.Platforms[id] = p
	}
	if c.Locales.List != "" {
		c.Locales.Repository = cmp.Or(c.Locales.Repository, l10nRepository)
		c.Locales.Directory = cmp.Or(c.Locales.Directory, "{locale}")
	}
	for i := range c.Locales.Rules {
		r := &c.Locales.Rules[i]
		r.Source = cmp.Or(r.Source, r.Target)
	}
	if c.Partners.Repository != "" {
		c.Partners.Directory = cmp.Or(c.Partners.Directory, "desktop")
		if c.Partners.Kinds == nil {
			c.Partners.Kinds = []string{"release", "esr"}
		}
	}
	u := &c.Updates
	if u.Priors == nil {
		two := 2 // covers most users of a six-week train; each more costs time and space
		u.Priors = &two
	}
	u.MARChannel = cmp.Or(u.MARChannel, c.Product+"-"+c.Channel)
	u.Type = cmp.Or(u.Type, "minor")
	if u.Answers == nil {
		u.Answers = []string{string(aus.Snippets2), string(aus.XML), string(aus.Blobs)}
	}
	u.Format = cmp.Or(u.Format, "bsdiff")
	if c.Signing.Authenticode.Certificate != "" {
		c.Signing.Authenticode.Description = cmp.Or(c.Signing.Authenticode.Description, c.DisplayName)
	}
	c.Publish.Private = cmp.Or(c.Publish.Private, strings.TrimSuffix(c.Publish.Directory, "/")+"-private")
	if c.Mail.SMTP != nil {
		c.Mail.SMTP.Port = cmp.Or(c.Mail.SMTP.Port, 587) // submission, RFC 6409
	}
	c.Gates.fill()
	for name, chore := range c.Checklist {
		chore.Before = cmp.Or(chore.Before, stageShip)
		if chore.Roles == nil {
			chore.Roles = map[string]int{"coordinator": 1}
		}
		c.Checklist[name] = chore
	}
	if len(u.Rollout) > 0 && c.Gates.Rollout == nil {
		c.Gates.Rollout = c.Gates.Ship
	}
	c.fillPools()
}

func (p *Platform) fill(id string) {
	p.Title = cmp.Or(p.Title, id)
	p.Directory = cmp.Or(p.Directory, id)
	p.L10nID = cmp.Or(p.L10nID, id)
	p.PartnerID = cmp.Or(p.PartnerID, p.Directory)
	p.Bouncer = cmp.Or(p.Bouncer, id)
	if p.BuildTargets == nil {
		p.BuildTargets = []string{id}
	}
	p.Builder = cmp.Or(p.Builder, "exec")
	p.Name = cmp.Or(p.Name, "{product}-{version}."+p.Archive)
	p.BCJ = cmp.Or(p.BCJ, "x86")
	p.Pool = cmp.Or(p.Pool, "build")
}

func (g *Gates) fill() {
	coordinator := map[string]int{"coordinator": 1}
	qa := map[string]int{"qa": 1}
	for _, f := range []struct {
		gate  *map[string]int
		roles map[string]int
	}{{&g.GoToBuild, coordinator}, {&g.QABuilds, qa}, {&g.QAUpdates, qa}, {&g.Push, coordinator}, {&g.Ship, coordinator}} {
		if *f.gate == nil {
			*f.gate = f.roles
		}
	}
}

// ownPools: builds fill a machine by themselves, signing is kept narrow so
// that one key is not asked by many at once; 0 is one per processor.
var ownPools = map[string]int{"git": 8, "build": 1, "cpu": 0, "signing": 2, "publish": 4, "mail": 1}

func (c *Config) fillPools() {
	pools := maps.Clone(ownPools)
	maps.Copy(pools, c.Pools)
	c.Pools = pools
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
