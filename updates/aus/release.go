package aus

import (
	"cmp"
	"fmt"
	"slices"

	"slipway/updates/mar"
)

// Release says who is out there and what they are offered.
type Release struct {
	Product      string     `json:"product"`      // "Firefox": first part of a client's URL
	HashFunction string     `json:"hashFunction"` // of all hashes: sha512
	Platforms    []Platform `json:"platforms"`
	Newest       Offer      `json:"newest"`
	// Watersheds are older releases that those below must pass through.
	Watersheds []Offer   `json:"watersheds,omitempty"`
	Priors     []Prior   `json:"priors"` // watersheds among them; most common first
	Channels   []Channel `json:"channels"`
	Retired    []Retired `json:"retired,omitempty"`
	// Shares are the percents of clients that throttled channels are offered
	// the newest release at before all are; none: all at once.
	Shares []int `json:"shares,omitempty"`
}

// Platform is one of ours with the names others give it.
type Platform struct {
	Name    string   `json:"name"`              // "linux64"
	Targets []string `json:"targets"`           // build targets; those after the first are aliases
	Bouncer string   `json:"bouncer,omitempty"` // os= of a redirector: "linux64"
	FTP     string   `json:"ftp,omitempty"`     // directory: "linux-x86_64"
}

// Offer is a release as something to update to.
type Offer struct {
	Name           string       `json:"name"` // of its blob: "Firefox-12.0.1-build2"
	AppVersion     string       `json:"appVersion"`
	DisplayVersion string       `json:"displayVersion,omitempty"` // appVersion when empty
	BuildNumber    int          `json:"buildNumber"`
	Builds         []OfferBuild `json:"builds"`
	// Lines say what is told beside the patches, and to whom: type, details,
	// what's-new page. Two lines must not give one client the same field.
	Lines []Line `json:"lines,omitempty"`
}

// OfferBuild is what is offered on one platform.
type OfferBuild struct {
	Platform string        `json:"platform"`
	BuildID  string        `json:"buildID"`
	Locales  []OfferLocale `json:"locales"`
}

// OfferLocale is what is offered to one locale. A new locale has a complete
// MAR only.
type OfferLocale struct {
	Name     string    `json:"name"`
	Complete MAR       `json:"complete"`
	Partials []Partial `json:"partials,omitempty"`
}

// MAR is a file that is offered.
type MAR struct {
	File string `json:"file"` // its name, for URLs
	Size int64  `json:"size"`
	Hash string `json:"hash"` // hex, by the release's hash function
}

// Partial is a MAR for who runs one prior release.
type Partial struct {
	From string `json:"from"` // Prior.Name
	MAR
}

// Prior is a release that clients run now.
type Prior struct {
	Name       string       `json:"name"` // "Firefox-12.0-build1"
	AppVersion string       `json:"appVersion"`
	Builds     []PriorBuild `json:"builds"`
}

// PriorBuild is what of a prior release is out there on one platform.
type PriorBuild struct {
	Platform string   `json:"platform"`
	BuildID  string   `json:"buildID"`
	Locales  []string `json:"locales"`
}

// Channel is one audience. Test channels see what the real ones will, from
// another host: they differ in URLs and nothing else.
type Channel struct {
	Name     string `json:"name"`     // "release", "releasetest"
	Complete string `json:"complete"` // URL templates; see [Vars]
	Partial  string `json:"partial"`
	// TestOf names the channel whose users will see what this one sees now.
	TestOf string `json:"testOf,omitempty"`
	// Throttled channels follow the release's shares.
	Throttled bool `json:"throttled,omitempty"`
}

// Retired names clients that are left where they are, on purpose. An empty
// platform or locale means all.
type Retired struct {
	Platform string `json:"platform,omitempty"`
	Locale   string `json:"locale,omitempty"`
	Why      string `json:"why"`
}

// class is a kind of client, and what it is offered.
type class struct {
	prior    *Prior
	build    *PriorBuild
	platform *Platform
	target   string
	locale   string
	channel  *Channel
}

func (c class) String() string {
	return fmt.Sprintf("%s %s %s %s %s", c.prior.AppVersion, c.target, c.build.BuildID, c.locale, c.channel.Name)
}

// classes lists every class of clients.
func (r *Release) classes(visit func(class) error) error {
	for i := range r.Priors {
		p := &r.Priors[i]
		for j := range p.Builds {
			b := &p.Builds[j]
			platform := r.platform(b.Platform)
			if platform == nil {
				return fmt.Errorf("%s: no platform %q is described", p.Name, b.Platform)
			}
			for _, target := range platform.Targets {
				for _, locale := range b.Locales {
					for k := range r.Channels {
						if err := visit(class{p, b, platform, target, locale, &r.Channels[k]}); err != nil {
							return err
						}
					}
				}
			}
		}
	}
	return nil
}

func (r *Release) platform(name string) *Platform {
	for i := range r.Platforms {
		if r.Platforms[i].Name == name {
			return &r.Platforms[i]
		}
	}
	return nil
}

// offers lists the watersheds from the lowest version up, and the newest.
func (r *Release) offers() []*Offer {
	var all []*Offer
	for i := range r.Watersheds {
		all = append(all, &r.Watersheds[i])
	}
	slices.SortStableFunc(all, func(a, b *Offer) int { return mar.CompareVersions(a.AppVersion, b.AppVersion) })
	return append(all, &r.Newest)
}

// next is the offer for who runs the version: the lowest watershed above it.
func (r *Release) next(version string) *Offer {
	for _, o := range r.offers() {
		if mar.CompareVersions(version, o.AppVersion) < 0 {
			return o
		}
	}
	return &r.Newest
}

func (r *Release) retired(c class) bool {
	return slices.ContainsFunc(r.Retired, func(x Retired) bool {
		return cmp.Or(x.Platform, c.platform.Name) == c.platform.Name && cmp.Or(x.Locale, c.locale) == c.locale
	})
}

// find returns what the offer has for a platform and locale.
func (o *Offer) find(platform, locale string) (*OfferBuild, *OfferLocale) {
	for i := range o.Builds {
		b := &o.Builds[i]
		if b.Platform != platform {
			continue
		}
		for j := range b.Locales {
			if b.Locales[j].Name == locale {
				return b, &b.Locales[j]
			}
		}
	}
	return nil, nil
}

func (o *Offer) displayVersion() string { return cmp.Or(o.DisplayVersion, o.AppVersion) }
