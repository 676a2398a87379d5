package aus

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Check returns everything in the blob that a server would choke on, or answer
// in a way nobody meant.
func (b *Blob) Check() []error {
	c := &blobChecker{b: b}
	c.top()
	for _, err := range CheckLines(b.UpdateLine) {
		c.add("updateLine: %w", err)
	}
	for _, target := range slices.Sorted(maps.Keys(b.Platforms)) {
		c.platform(target, b.Platforms[target])
	}
	return c.bad
}

type blobChecker struct {
	b   *Blob
	bad []error
}

func (c *blobChecker) add(format string, args ...any) {
	c.bad = append(c.bad, fmt.Errorf(format, args...))
}

func (c *blobChecker) top() {
	b := c.b
	if n := len(b.Name); n == 0 || n > 100 {
		c.add("name %.120q: want 1 to 100 bytes", b.Name)
	}
	if len(b.Product) > 100 {
		c.add("product %.120q: want at most 100 bytes", b.Product)
	}
	if b.SchemaVersion != blobSchema {
		c.add("schema_version %d, want %d", b.SchemaVersion, blobSchema)
	}
	if _, ok := hashLengths[hashName(b.HashFunction)]; !ok {
		c.add("hashFunction %q: want sha256, sha384 or sha512", b.HashFunction)
	}
	c.version("appVersion", b.AppVersion)
	c.version("displayVersion", b.DisplayVersion)
	for channel, urls := range b.FileURLs {
		for _, list := range []map[string]string{urls.Completes, urls.Partials} {
			for from, u := range list {
				if err := checkTemplateURL(u); err != nil {
					c.add("fileUrls %s %s: %w", channel, from, err)
				}
			}
		}
	}
	slices.SortFunc(c.bad, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
}

// version accepts what the server may put into an attribute as it is.
func (c *blobChecker) version(what, s string) {
	if strings.ContainsAny(s, `"<>&`) || checkText(s) != nil {
		c.add("%s %q cannot stand in an attribute", what, s)
	}
}

// checkTemplateURL takes the server's placeholders for what they stand for.
func checkTemplateURL(s string) error {
	return URLPolicy{AllowHTTP: true}.CheckURL(fillBlobURL(s, "x", "x", "x"))
}

func fillBlobURL(s, locale, bouncer, ftp string) string {
	return strings.NewReplacer(
		"%LOCALE%", locale, "%locale%", locale,
		"%OS_BOUNCER%", bouncer, "%os_bouncer%", bouncer,
		"%OS_FTP%", ftp, "%os_ftp%", ftp,
	).Replace(s)
}

func (c *blobChecker) platform(target string, p BlobPlatform) {
	if p.Alias != "" {
		real, ok := c.b.Platforms[p.Alias]
		if !ok || real.Alias != "" {
			c.add("%s: alias %q is no platform of its own", target, p.Alias)
		}
		if p.BuildID != "" || p.OSBouncer != "" || p.OSFTP != "" || p.Locales != nil {
			c.add("%s: an alias of %q with data of its own", target, p.Alias)
		}
		return
	}
	for _, name := range slices.Sorted(maps.Keys(p.Locales)) {
		l, where := p.Locales[name], target+" "+name
		if l.BuildID == "" && p.BuildID == "" {
			c.add("%s: no buildID", where)
		}
		if l.AppVersion == "" && c.b.AppVersion == "" {
			c.add("%s: no appVersion: the server would never answer", where)
		}
		c.version(where+": appVersion", l.AppVersion)
		c.version(where+": displayVersion", l.DisplayVersion)
		if !slices.ContainsFunc(l.Completes, func(p BlobPatch) bool { return p.From == "*" }) {
			c.add("%s: no complete from %q: who has no partial gets nothing", where, "*")
		}
		for _, patch := range l.Completes {
			c.patch(where+" complete", patch, func(u FileURLs) map[string]string { return u.Completes })
		}
		for _, patch := range l.Partials {
			if patch.From == "*" {
				c.add("%s: a partial from %q fits nobody", where, "*")
				continue
			}
			c.patch(where+" partial", patch, func(u FileURLs) map[string]string { return u.Partials })
		}
	}
}

func (c *blobChecker) patch(where string, p BlobPatch, list func(FileURLs) map[string]string) {
	where += " from " + p.From
	if p.From == "" {
		c.add("%s: no release it is from", where)
	}
	if p.FileSize <= 0 {
		c.add("%s: filesize %d", where, p.FileSize)
	}
	if err := checkHash(c.b.HashFunction, p.HashValue); err != nil {
		c.add("%s: %w", where, err)
	}
	if p.FileURL != "" {
		if err := (URLPolicy{AllowHTTP: true}).CheckURL(p.FileURL); err != nil {
			c.add("%s: %w", where, err)
		}
		return
	}
	for _, channel := range slices.Sorted(maps.Keys(c.b.FileURLs)) {
		if list(c.b.FileURLs[channel])[p.From] == "" {
			c.add("%s: no URL for channel %s", where, channel)
		}
	}
	if len(c.b.FileURLs) == 0 {
		c.add("%s: no URL", where)
	}
}
