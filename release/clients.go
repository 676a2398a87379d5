package release

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"slipway/updates/aus"
)

func (p *Plan) appVersion(text string) string {
	v, err := ParseVersion(p.Config.VersionScheme, text)
	if err != nil {
		return text
	}
	return v.App()
}

// ausRelease describes the clients that are out there: all published releases,
// those that get no partial among them.
func (p *Plan) ausRelease() aus.Release {
	c := p.Config
	r := aus.Release{
		Product: p.blobProduct(), HashFunction: ausHash, Platforms: p.ausPlatforms(), Shares: c.Updates.Rollout,
		Newest: aus.Offer{
			Name: p.releaseName(p.Version, p.Build), AppVersion: p.appVersion(p.Version), DisplayVersion: p.Version, BuildNumber: p.Build,
			Lines: c.Updates.lines(func(url string) string { return fillIn(url, c.Product, p.Version, p.Build, p.Date) }),
		},
	}
	for _, name := range sortedKeys(c.Updates.Channels) {
		channel := c.Updates.Channels[name]
		url := p.channelTemplate(channel)
		r.Channels = append(r.Channels, aus.Channel{Name: name, Complete: url, Partial: url, TestOf: channel.TestOf, Throttled: slices.Contains(p.throttled(), name)})
	}
	gone := map[[2]string]bool{}
	for _, client := range p.clients() {
		prior := aus.Prior{Name: p.releaseName(client.Version, client.Build), AppVersion: p.appVersion(client.Version)}
		for _, id := range sortedKeys(client.Locales) {
			prior.Builds = append(prior.Builds, aus.PriorBuild{Platform: id, BuildID: client.BuildID, Locales: client.Locales[id]})
			for _, code := range client.Locales[id] {
				if cell := [2]string{id, code}; !slices.Contains(p.codes(id), code) && !gone[cell] {
					gone[cell] = true
					r.Retired = append(r.Retired, aus.Retired{Platform: id, Locale: code, Why: cmp.Or(p.retired(id, code), "is not made any more since "+p.Version)})
				}
			}
		}
		r.Priors = append(r.Priors, prior)
	}
	for _, o := range p.Watersheds {
		r.Watersheds = append(r.Watersheds, only(o, r.Priors))
	}
	return r
}

// only leaves out partials from releases that nobody runs any more.
func only(o aus.Offer, priors []aus.Prior) aus.Offer {
	o.Builds = slices.Clone(o.Builds)
	for i := range o.Builds {
		locales := slices.Clone(o.Builds[i].Locales)
		for j := range locales {
			locales[j].Partials = slices.DeleteFunc(slices.Clone(locales[j].Partials), func(part aus.Partial) bool {
				return !slices.ContainsFunc(priors, func(p aus.Prior) bool { return p.Name == part.From })
			})
		}
		o.Builds[i].Locales = locales
	}
	return o
}

func (p *Plan) ausPlatforms() []aus.Platform {
	var list []aus.Platform
	for _, id := range sortedKeys(p.Config.Platforms) {
		c := p.Config.Platforms[id]
		list = append(list, aus.Platform{Name: id, Targets: c.BuildTargets, Bouncer: c.Bouncer, FTP: c.Directory})
	}
	return list
}

// checkAnswers finds before the release what would stop it when clients are
// answered: lines, and watersheds that do not carry all who come to them.
func (p *Plan) checkAnswers() error {
	if len(p.Config.Updates.Channels) == 0 {
		return nil
	}
	r := p.ausRelease()
	errs := r.Check()
	errs = append(errs, r.Stranded()...)
	return errors.Join(errs...)
}

// clients are all prior releases, newest first: those with partials and older.
func (p *Plan) clients() []Client {
	var all []Client
	for _, prior := range p.Priors {
		c := Client{Version: prior.Version, Build: prior.Build, BuildID: prior.BuildID, Locales: map[string][]string{}}
		for id, mars := range prior.MARs {
			c.Locales[id] = sortedKeys(mars)
		}
		all = append(all, c)
	}
	return append(all, p.Older...)
}

// channelTemplate is a channel's URL in the words of aus. Version and build stay
// open: a watershed has its own.
func (p *Plan) channelTemplate(c Channel) string {
	return strings.NewReplacer("{path}", "update/{ftp}/{locale}/{file}", "{directory}", "{ftp}",
		"{product}", p.Config.Product, "{version}", "{display}").Replace(c.URL)
}
