package aus

import (
	"fmt"
	"slices"

	"slipway/updates/mar"
)

// Check returns what is wrong with the description itself.
func (r *Release) Check() []error {
	var bad []error
	add := func(format string, args ...any) { bad = append(bad, fmt.Errorf(format, args...)) }
	word := func(what, s string) {
		if err := CheckWord(s); err != nil {
			add("%s %w", what, err)
		}
	}
	word("product", r.Product)
	if _, ok := hashLengths[hashName(r.HashFunction)]; !ok {
		add("hash function %q: want sha256, sha384 or sha512", r.HashFunction)
	}
	if len(r.Channels) == 0 {
		add("no channel")
	}
	channels := map[string]bool{}
	for _, c := range r.Channels {
		word("channel", c.Name)
		if channels[c.Name] {
			add("channel %s twice", c.Name)
		}
		channels[c.Name] = true
	}
	for _, c := range r.Channels {
		if c.TestOf != "" && (!channels[c.TestOf] || c.TestOf == c.Name) {
			add("channel %s is a test of %q, which is no other channel", c.Name, c.TestOf)
		}
	}
	if err := CheckShares(r.Shares); err != nil {
		add("%w", err)
	}
	targets, platforms := map[string]string{}, map[string]bool{}
	for _, p := range r.Platforms {
		word("platform", p.Name)
		if platforms[p.Name] {
			add("platform %s twice", p.Name)
		}
		platforms[p.Name] = true
		if len(p.Targets) == 0 {
			add("platform %s has no build target", p.Name)
		}
		for _, t := range p.Targets {
			word("build target", t)
			if other, ok := targets[t]; ok {
				add("build target %s belongs to platforms %s and %s", t, other, p.Name)
			}
			targets[t] = p.Name
		}
	}
	for _, p := range r.Priors {
		word("prior release", p.Name)
		word("version", p.AppVersion)
		for _, b := range p.Builds {
			if err := checkBuildID(b.BuildID); err != nil {
				add("%s %s: %w", p.Name, b.Platform, err)
			}
			for _, l := range b.Locales {
				word("locale", l)
			}
		}
	}
	for _, o := range r.offers() {
		bad = append(bad, r.checkOffer(o)...)
	}
	return bad
}

func (r *Release) checkOffer(o *Offer) []error {
	var bad []error
	add := func(format string, args ...any) {
		bad = append(bad, fmt.Errorf("%s: %w", o.Name, fmt.Errorf(format, args...)))
	}
	if err := CheckWord(o.Name); err != nil {
		add("name %w", err)
	}
	if err := CheckWord(o.AppVersion); err != nil {
		add("version %w", err)
	}
	if o != &r.Newest && mar.CompareVersions(o.AppVersion, r.Newest.AppVersion) >= 0 {
		add("watershed %s is not below %s", o.AppVersion, r.Newest.AppVersion)
	}
	for _, err := range CheckLines(o.Lines) {
		add("%w", err)
	}
	offered := map[string]bool{}
	once := func(what string) {
		if offered[what] {
			add("%s stands there twice", what)
		}
		offered[what] = true
	}
	for _, b := range o.Builds {
		once(b.Platform)
		if r.platform(b.Platform) == nil {
			add("no platform %q is described", b.Platform)
		}
		if err := checkBuildID(b.BuildID); err != nil {
			add("%s: %w", b.Platform, err)
		}
		for _, l := range b.Locales {
			where := b.Platform + " " + l.Name
			once(where)
			if err := CheckWord(l.Name); err != nil {
				add("locale %w", err)
			}
			if err := r.checkMAR(l.Complete); err != nil {
				add("%s complete: %w", where, err)
			}
			seen := map[string]bool{}
			for _, p := range l.Partials {
				if err := r.checkMAR(p.MAR); err != nil {
					add("%s partial from %s: %w", where, p.From, err)
				}
				if seen[p.From] {
					add("%s has two partials from %s", where, p.From)
				}
				seen[p.From] = true
				if !slices.ContainsFunc(r.Priors, func(x Prior) bool { return x.Name == p.From }) {
					add("%s has a partial from %s, which is no prior release", where, p.From)
				}
			}
		}
	}
	return bad
}

func (r *Release) checkMAR(m MAR) error {
	if m.Size <= 0 || m.Size > mar.MaxSize {
		return fmt.Errorf("%s: size %d, want 1 to %d", m.File, m.Size, int64(mar.MaxSize))
	}
	return checkHash(r.HashFunction, m.Hash)
}
