package aus

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"slipway/updates/mar"
)

// Found is what lies behind a URL.
type Found struct {
	Size int64
	Hash string // hex, by the function asked for
}

// Proof is what [Check] holds files against.
type Proof struct {
	// Find looks up the file behind a URL and hashes it. It is asked once for
	// each URL and hash function.
	Find func(url, hashFunction string) (Found, error)
	URLs URLPolicy
}

// Check reads the files of a release back and returns every reference that is
// not right, every client that is left without an answer, led nowhere or in a
// circle, every disagreement between the forms, and every file that answers
// nobody; sorted. Which forms there are, it sees by the files.
func Check(r *Release, files []File, proof Proof) []error {
	c := &checking{r: r, proof: proof, files: map[string][]byte{}, used: map[string]bool{}, found: map[[2]string]Found{}, bad: map[string]bool{}, told: map[string]map[string]Update{}}
	for _, f := range files {
		c.files[f.Name] = f.Data
		c.xml = c.xml || strings.HasPrefix(f.Name, "update/")
		c.snippets = c.snippets || strings.HasPrefix(f.Name, "snippets/")
		c.blob = c.blob || strings.HasPrefix(f.Name, "blobs/")
	}
	c.readBlobs()
	if err := r.classes(func(cl class) error { c.class(cl); return nil }); err != nil {
		c.add("%w", err)
	}
	c.rehearsals()
	c.rest()
	var bad []error
	for _, text := range slices.Sorted(maps.Keys(c.bad)) {
		bad = append(bad, fmt.Errorf("%s", text))
	}
	return bad
}

type checking struct {
	r                   *Release
	proof               Proof
	files               map[string][]byte
	used                map[string]bool
	found               map[[2]string]Found
	blobs               []*Blob
	told                map[string]map[string]Update // class without channel → channel → answer without URLs
	xml, snippets, blob bool
	bad                 map[string]bool
}

func (c *checking) add(format string, args ...any) {
	c.bad[fmt.Errorf(format, args...).Error()] = true
}

func (c *checking) readBlobs() {
	if !c.blob {
		return
	}
	for _, o := range c.r.offers() {
		name := blobName(o)
		c.used[name] = true
		data, ok := c.files[name]
		if !ok {
			c.add("%s is missing", name)
			continue
		}
		b, err := ParseBlob(data)
		if err != nil {
			c.add("%s: %w", name, err)
			continue
		}
		c.blobs = append(c.blobs, b)
	}
}

// class checks what one class of clients is told, in each form, and where that
// leads.
func (c *checking) class(cl class) {
	answers := map[Form]*Update{}
	if c.xml {
		name := c.r.xmlName(cl)
		u, ok := c.readXML(name)
		if !ok {
			return
		}
		answers[XML] = u
	}
	if c.snippets {
		u, ok := c.readSnippets(cl)
		if !ok {
			return
		}
		answers[Snippets2] = u
	}
	if c.blob {
		u, err := c.askBlobs(cl)
		if err != nil {
			c.add("%s: %w", cl, err)
			return
		}
		answers[Blobs] = u
	}
	c.agree(cl, answers)
	c.remember(cl, answers)
	for _, form := range slices.Sorted(maps.Keys(answers)) {
		c.answer(cl, form, answers[form])
	}
}

func (c *checking) readXML(name string) (*Update, bool) {
	c.used[name] = true
	data, ok := c.files[name]
	if !ok {
		c.add("%s is missing: its clients get no answer", name)
		return nil, false
	}
	u, err := ParseXML(data)
	if err != nil {
		c.add("%s: %w", name, err)
	}
	return u, err == nil
}

// readSnippets puts a class's snippets together into one update.
func (c *checking) readSnippets(cl class) (*Update, bool) {
	var u *Update
	for _, kind := range []string{complete, partial} {
		name := c.r.snippetName(cl, kind)
		c.used[name] = true
		data, ok := c.files[name]
		if !ok {
			continue
		}
		s, err := ParseSnippet(data)
		switch {
		case err != nil:
			c.add("%s: %w", name, err)
			return nil, false
		case s.Patches[0].Type != kind:
			c.add("%s is about a %s", name, s.Patches[0].Type)
			return nil, false
		case kind == complete:
			u = &s
		case u == nil:
			c.add("%s has no complete beside it to fall back to", name)
			return nil, false
		default:
			patches := append(u.Patches, s.Patches[0])
			u.Patches, s.Patches = nil, nil
			if !reflect.DeepEqual(*u, s) {
				c.add("%s and its complete are about different updates", name)
				return nil, false
			}
			u.Patches = patches
		}
	}
	return u, true
}

// askBlobs asks as an update server does whose rules send each version to the
// lowest watershed above it.
func (c *checking) askBlobs(cl class) (*Update, error) {
	next := c.r.next(cl.prior.AppVersion)
	i := slices.IndexFunc(c.blobs, func(b *Blob) bool { return b.Name == next.Name })
	if i < 0 {
		return nil, nil
	}
	q := Query{cl.prior.AppVersion, cl.build.BuildID, cl.target, cl.locale, cl.channel.Name}
	return c.blobs[i].Answer(q, func(release string) bool { return release == cl.prior.Name })
}

// agree compares the forms, as far as each can say a thing.
func (c *checking) agree(cl class, answers map[Form]*Update) {
	var first Form
	for _, form := range slices.Sorted(maps.Keys(answers)) {
		if first == "" {
			first = form
			continue
		}
		a, b := plain(answers[first]), plain(answers[form])
		if !reflect.DeepEqual(a, b) {
			c.add("%s: %s says %+v, %s says %+v", cl, first, a, form, b)
		}
	}
}

// remember keeps what the class is told but for the URLs.
func (c *checking) remember(cl class, answers map[Form]*Update) {
	for _, form := range slices.Sorted(maps.Keys(answers)) {
		told := plain(answers[form])
		for i := range told.Patches {
			told.Patches[i].URL = ""
		}
		channel := cl.channel.Name
		cl.channel = &Channel{}
		key := cl.String()
		if c.told[key] == nil {
			c.told[key] = map[string]Update{}
		}
		c.told[key][channel] = told
		return // the forms agree, or agree has said so
	}
}

// rehearsals compares the test channels with the real ones: what is tested
// must be what is shipped, but for where it lies.
func (c *checking) rehearsals() {
	for _, channel := range c.r.Channels {
		if channel.TestOf == "" {
			continue
		}
		for class, told := range c.told {
			if !reflect.DeepEqual(told[channel.Name], told[channel.TestOf]) {
				c.add("%s: channel %s is told %+v, %s %+v", class, channel.Name, told[channel.Name], channel.TestOf, told[channel.TestOf])
			}
		}
	}
}

// plain is what all forms can say.
func plain(u *Update) Update {
	if u == nil {
		return Update{}
	}
	p := *u
	p.PlatformVersion, p.Optional = "", nil
	p.Patches = slices.Clone(u.Patches)
	for i := range p.Patches {
		p.Patches[i].HashFunction = hashName(p.Patches[i].HashFunction)
	}
	return p
}

// answer proves an answer's references and follows it to the newest release.
func (c *checking) answer(cl class, form Form, u *Update) {
	if u == nil {
		if !c.r.retired(cl) {
			c.add("%s (%s): no update, and not retired", cl, form)
		}
		return
	}
	if _, ok := u.Patch(complete); !ok {
		c.add("%s (%s): no complete", cl, form)
	}
	for _, p := range u.Patches {
		if err := c.reference(p); err != nil {
			c.add("%w", err)
		}
	}
	// Each step must be up, and a stop on the way must be one that goes on.
	v := mar.CompareVersions(cl.prior.AppVersion, u.AppVersion)
	if v > 0 || v == 0 && compareBuildIDs(cl.build.BuildID, u.BuildID) >= 0 {
		c.add("%s (%s): is led to %s, build ID %s, which is not newer: a loop", cl, form, u.AppVersion, u.BuildID)
		return
	}
	if newest, _ := c.r.Newest.find(cl.platform.Name, cl.locale); newest != nil &&
		u.AppVersion == c.r.Newest.AppVersion && u.BuildID == newest.BuildID {
		return
	}
	if !c.goesOn(cl, u) {
		c.add("%s (%s): is led to %s, build ID %s, where nobody leads on", cl, form, u.AppVersion, u.BuildID)
	}
}

// goesOn says whether clients that run u are among those who are answered.
func (c *checking) goesOn(cl class, u *Update) bool {
	for _, p := range c.r.Priors {
		if p.AppVersion != u.AppVersion {
			continue
		}
		for _, b := range p.Builds {
			if b.Platform == cl.platform.Name && b.BuildID == u.BuildID && slices.Contains(b.Locales, cl.locale) {
				return true
			}
		}
	}
	return false
}

// reference proves one URL, size and hash.
func (c *checking) reference(p Patch) error {
	if err := c.proof.URLs.CheckURL(p.URL); err != nil {
		return err
	}
	key := [2]string{p.URL, hashName(p.HashFunction)}
	f, ok := c.found[key]
	if !ok {
		var err error
		if f, err = c.proof.Find(p.URL, key[1]); err != nil {
			return fmt.Errorf("%s: %w", p.URL, err)
		}
		c.found[key] = f
	}
	if f.Size != p.Size {
		return fmt.Errorf("%s: has %d bytes, clients are told %d", p.URL, f.Size, p.Size)
	}
	if !strings.EqualFold(f.Hash, p.HashValue) {
		return fmt.Errorf("%s: %s is %s, clients are told %s", p.URL, key[1], f.Hash, p.HashValue)
	}
	return nil
}

// rest finds files that answer nobody, and a static answer that is missing.
func (c *checking) rest() {
	if c.xml {
		c.used[noUpdate] = true
		if u, ok := c.readXML(noUpdate); ok && u != nil {
			c.add("%s offers %s", noUpdate, u.AppVersion)
		}
		for _, f := range rewriteRules() {
			c.used[f.Name] = true
			if string(c.files[f.Name]) != string(f.Data) {
				c.add("%s is missing, or not as this program writes it", f.Name)
			}
		}
	}
	for name := range c.files {
		if !c.used[name] {
			c.add("%s answers nobody", name)
		}
	}
}
