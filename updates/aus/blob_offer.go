package aus

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Offer reads the blob back as something to update to, for the given platforms;
// one that the blob does not have is new since, and is left out. A blob knows
// URLs and no names of files: file gives those, "*" being where a complete is
// from. The build number is the caller's to fill in.
func (b *Blob) Offer(platforms []Platform, file func(locale, from string) string) (Offer, error) {
	o := Offer{Name: b.Name, AppVersion: b.AppVersion, DisplayVersion: b.DisplayVersion, Lines: b.UpdateLine}
	for _, p := range platforms {
		if len(p.Targets) == 0 {
			continue
		}
		there, ok := b.Platforms[p.Targets[0]]
		if there.Alias != "" {
			there, ok = b.Platforms[there.Alias]
		}
		if !ok {
			continue
		}
		build := OfferBuild{Platform: p.Name, BuildID: string(there.BuildID)}
		for _, name := range slices.Sorted(maps.Keys(there.Locales)) {
			l := there.Locales[name]
			id := string(cmp.Or(l.BuildID, there.BuildID))
			if build.BuildID = cmp.Or(build.BuildID, id); id != build.BuildID {
				return o, fmt.Errorf("%s %s: build ID %s, others of the platform have %s", p.Name, name, id, build.BuildID)
			}
			if v := cmp.Or(l.AppVersion, b.AppVersion); v != b.AppVersion {
				return o, fmt.Errorf("%s %s: version %s, the release is %s", p.Name, name, v, b.AppVersion)
			}
			offer := OfferLocale{Name: name}
			for _, c := range l.Completes {
				if c.From == "*" {
					offer.Complete = MAR{File: file(name, c.From), Size: int64(c.FileSize), Hash: c.HashValue}
				}
			}
			for _, c := range l.Partials {
				offer.Partials = append(offer.Partials, Partial{c.From, MAR{File: file(name, c.From), Size: int64(c.FileSize), Hash: c.HashValue}})
			}
			build.Locales = append(build.Locales, offer)
		}
		o.Builds = append(o.Builds, build)
	}
	return o, nil
}
