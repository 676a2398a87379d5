package aus

import "fmt"

// blob makes the release blob of an offer.
func (r *Release) blob(o *Offer) (*Blob, error) {
	b := &Blob{
		Name: o.Name, Product: r.Product, SchemaVersion: blobSchema, HashFunction: r.HashFunction,
		AppVersion: o.AppVersion, DisplayVersion: o.displayVersion(), UpdateLine: o.Lines,
		FileURLs: map[string]FileURLs{}, Platforms: map[string]BlobPlatform{},
	}
	urls := &blobURLs{r: r, o: o, seen: map[urlKey]string{}, varies: map[urlKey]bool{}}
	for i := range o.Builds {
		build := &o.Builds[i]
		p := r.platform(build.Platform)
		platform := BlobPlatform{
			BuildID: digits(build.BuildID), OSBouncer: p.Bouncer, OSFTP: p.FTP, Locales: map[string]BlobLocale{},
		}
		for _, l := range build.Locales {
			locale := BlobLocale{Completes: []BlobPatch{{From: "*", FileSize: size(l.Complete.Size), HashValue: l.Complete.Hash}}}
			if err := urls.note(p, l.Name, "*", l.Complete.File); err != nil {
				return nil, err
			}
			// Priors stand with the most common first, and so must partials.
			for _, prior := range r.Priors {
				for _, part := range l.Partials {
					if part.From != prior.Name {
						continue
					}
					locale.Partials = append(locale.Partials, BlobPatch{From: part.From, FileSize: size(part.Size), HashValue: part.Hash})
					if err := urls.note(p, l.Name, part.From, part.File); err != nil {
						return nil, err
					}
				}
			}
			platform.Locales[l.Name] = locale
		}
		b.Platforms[p.Targets[0]] = platform
		for _, alias := range p.Targets[1:] {
			b.Platforms[alias] = BlobPlatform{Alias: p.Targets[0]}
		}
	}
	return b, urls.write(b)
}

// blobURLs finds for each channel and prior release the one URL with
// placeholders that is right for all platforms and locales.
type blobURLs struct {
	r      *Release
	o      *Offer
	seen   map[urlKey]string
	varies map[urlKey]bool
}

type urlKey struct{ channel, from string }

func (u *blobURLs) note(p *Platform, locale, from, file string) error {
	for _, c := range u.r.Channels {
		s, err := u.expand(c, p, locale, from, file, true)
		if err != nil {
			return err
		}
		key := urlKey{c.Name, from}
		if other, ok := u.seen[key]; ok && other != s {
			u.varies[key] = true
		}
		u.seen[key] = s
	}
	return nil
}

// expand fills a template, with the server's placeholders where it has one.
func (u *blobURLs) expand(c Channel, p *Platform, locale, from, file string, placeholders bool) (string, error) {
	template, version := c.Complete, ""
	if from != "*" {
		template = c.Partial
		for _, prior := range u.r.Priors {
			if prior.Name == from {
				version = prior.AppVersion
			}
		}
	}
	vars := u.r.vars(u.o, c.Name, p, locale, version, file)
	if placeholders {
		vars["locale"], vars["bouncer"], vars["ftp"] = "%LOCALE%", "%OS_BOUNCER%", "%OS_FTP%"
	}
	return expand(template, vars)
}

// write puts the URLs into the blob: at the top where one serves all, and at
// the patch where they vary, which is possible only if all channels agree.
func (u *blobURLs) write(b *Blob) error {
	for key, s := range u.seen {
		if u.varies[key] {
			continue
		}
		urls := b.FileURLs[key.channel]
		list := &urls.Partials
		if key.from == "*" {
			list = &urls.Completes
		}
		if *list == nil {
			*list = map[string]string{}
		}
		(*list)[key.from] = s
		b.FileURLs[key.channel] = urls
	}
	if len(u.varies) == 0 {
		return nil
	}
	for _, build := range u.o.Builds {
		p := u.r.platform(build.Platform)
		for _, l := range build.Locales {
			there := b.Platforms[p.Targets[0]].Locales[l.Name]
			if err := u.own(p, l.Name, l.Complete.File, &there.Completes[0]); err != nil {
				return err
			}
			for i := range there.Partials {
				patch := &there.Partials[i]
				for _, part := range l.Partials {
					if part.From == patch.From {
						if err := u.own(p, l.Name, part.File, patch); err != nil {
							return err
						}
					}
				}
			}
		}
	}
	return nil
}

// own gives a patch a URL of its own where the top has none.
func (u *blobURLs) own(p *Platform, locale, file string, patch *BlobPatch) error {
	for _, c := range u.r.Channels {
		if !u.varies[urlKey{c.Name, patch.From}] {
			continue
		}
		s, err := u.expand(c, p, locale, patch.From, file, false)
		if err != nil {
			return err
		}
		if patch.FileURL != "" && patch.FileURL != s {
			return fmt.Errorf("a blob cannot say both %q and %q: use only {locale}, {bouncer} and {ftp} for what varies between platforms", patch.FileURL, s)
		}
		patch.FileURL = s
	}
	return nil
}
