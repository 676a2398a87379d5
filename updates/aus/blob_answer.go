package aus

import (
	"cmp"
	"fmt"

	"slipway/updates/mar"
)

// Answer is what an update server makes of the blob. runs says whether the
// client that asks runs the release of this name: the server looks its blob up.
func (b *Blob) Answer(q Query, runs func(release string) bool) (*Update, error) {
	p, ok := b.Platforms[q.Target]
	if p.Alias != "" {
		p, ok = b.Platforms[p.Alias]
	}
	l, has := p.Locales[q.Locale]
	if !ok || !has {
		return nil, nil
	}
	u := &Update{
		Type: minor, AppVersion: cmp.Or(l.AppVersion, b.AppVersion), DisplayVersion: cmp.Or(l.DisplayVersion, b.DisplayVersion),
		BuildID: cmp.Or(string(l.BuildID), string(p.BuildID)),
	}
	if c := mar.CompareVersions(q.Version, u.AppVersion); c > 0 || c == 0 && compareBuildIDs(q.BuildID, u.BuildID) >= 0 {
		return nil, nil
	}
	u.tell(b.UpdateLine, q)
	add := func(kind string, patches []BlobPatch, list func(FileURLs) map[string]string) error {
		for _, patch := range patches {
			if patch.From != "*" && !runs(patch.From) {
				continue
			}
			url := cmp.Or(patch.FileURL, fillBlobURL(b.channelURL(q.Channel, patch.From, list), q.Locale, p.OSBouncer, p.OSFTP))
			if url == "" {
				return fmt.Errorf("no URL for the %s from %s on channel %s", kind, patch.From, q.Channel)
			}
			u.Patches = append(u.Patches, Patch{kind, url, b.HashFunction, patch.HashValue, int64(patch.FileSize)})
			return nil
		}
		return nil
	}
	if err := add(complete, l.Completes, func(f FileURLs) map[string]string { return f.Completes }); err != nil {
		return nil, err
	}
	return u, add(partial, l.Partials, func(f FileURLs) map[string]string { return f.Partials })
}

// channelURL looks at the channel, at what it falls back to, and at "*"; the
// first that is there decides.
func (b *Blob) channelURL(channel, from string, list func(FileURLs) map[string]string) string {
	for _, c := range []string{channel, fallbackChannel(channel), "*"} {
		if urls, ok := b.FileURLs[c]; ok {
			return list(urls)[from]
		}
	}
	return ""
}
