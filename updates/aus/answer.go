package aus

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"slipway/updates/mar"
)

// answer is what the class of clients is offered; nil for the retired.
func (r *Release) answer(c class) (*Update, error) {
	if r.retired(c) {
		return nil, nil
	}
	o := r.next(c.prior.AppVersion)
	build, locale := o.find(c.platform.Name, c.locale)
	if locale == nil {
		return nil, fmt.Errorf("%s: %s has nothing for %s %s: offer it, or retire it with a reason", c, o.Name, c.platform.Name, c.locale)
	}
	if v := mar.CompareVersions(c.prior.AppVersion, o.AppVersion); v > 0 || v == 0 && compareBuildIDs(c.build.BuildID, build.BuildID) >= 0 {
		return nil, fmt.Errorf("%s: runs what is offered (%s, build ID %s), or newer", c, o.AppVersion, build.BuildID)
	}
	u := &Update{
		Type: minor, AppVersion: o.AppVersion, DisplayVersion: o.displayVersion(), BuildID: build.BuildID,
	}
	u.tell(o.Lines, Query{c.prior.AppVersion, c.build.BuildID, c.target, c.locale, c.channel.Name})
	add := func(kind, template, from string, m MAR) error {
		url, err := expand(template, r.vars(o, c.channel.Name, c.platform, c.locale, from, m.File))
		if err != nil {
			return fmt.Errorf("channel %s: %w", c.channel.Name, err)
		}
		u.Patches = append(u.Patches, Patch{kind, url, r.HashFunction, m.Hash, m.Size})
		return nil
	}
	if err := add(complete, c.channel.Complete, "", locale.Complete); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(locale.Partials, func(p Partial) bool { return p.From == c.prior.Name })
	if i < 0 {
		return u, nil
	}
	return u, add(partial, c.channel.Partial, c.prior.AppVersion, locale.Partials[i].MAR)
}

// Stranded names the classes of clients whom a watershed has nothing for. What
// the newest release has need not be known yet.
func (r *Release) Stranded() []error {
	var bad []error
	err := r.classes(func(c class) error {
		o := r.next(c.prior.AppVersion)
		if _, locale := o.find(c.platform.Name, c.locale); locale == nil && o != &r.Newest && !r.retired(c) {
			bad = append(bad, fmt.Errorf("%s: must pass through %s, which has nothing for %s %s", c, o.Name, c.platform.Name, c.locale))
		}
		return nil
	})
	if err != nil {
		bad = append(bad, err)
	}
	return bad
}

// tell applies the lines that are for who asks.
func (u *Update) tell(lines []Line, q Query) {
	values := map[string]string{}
	for _, l := range lines {
		if l.For.match(q) {
			maps.Copy(values, l.Fields.values(q.Locale))
		}
	}
	if v, ok := values["type"]; ok {
		u.Type = v
	}
	u.DetailsURL = values["detailsURL"]
	delete(values, "type")
	delete(values, "detailsURL")
	if len(values) > 0 {
		u.Optional = values
	}
}

// vars are the names that URL templates may use.
func (r *Release) vars(o *Offer, channel string, p *Platform, locale, from, file string) Vars {
	return Vars{
		"product": r.Product, "version": o.AppVersion, "display": o.displayVersion(), "build": strconv.Itoa(o.BuildNumber),
		"channel": channel, "platform": p.Name, "bouncer": p.Bouncer, "ftp": p.FTP,
		"locale": locale, "from": from, "file": file,
	}
}
