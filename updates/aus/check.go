package aus

import (
	"fmt"
	"maps"
	"slices"
	"strings"
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
// nobody, and what is wrong with the description; sorted. Which forms there are, it sees by the files.
func Check(r *Release, files []File, proof Proof) []error {
	c := &checking{r: r, proof: proof, files: map[string][]byte{}, used: map[string]bool{}, found: map[[2]string]Found{}, bad: map[string]bool{}, told: map[string]map[string]Update{}, rollouts: map[string]bool{}}
	for _, f := range files {
		c.files[f.Name] = f.Data
		c.xml = c.xml || strings.HasPrefix(f.Name, "update/")
		c.snippets = c.snippets || strings.HasPrefix(f.Name, "snippets/")
		c.blob = c.blob || strings.HasPrefix(f.Name, "blobs/")
	}
	for _, err := range r.Check() {
		c.add("%w", err)
	}
	if !c.xml && !c.snippets && !c.blob {
		c.add("no file answers clients: want some below update/, snippets/ or blobs/")
	}
	c.readBlobs()
	c.findRollouts()
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
	rollouts            map[string]bool              // channels with files of a rollout
	xml, snippets, blob bool
	bad                 map[string]bool
}

func (c *checking) add(format string, args ...any) {
	c.bad[fmt.Errorf(format, args...).Error()] = true
}

// class checks what one class of clients is told, in each form, and where that
// leads.
func (c *checking) class(cl class) {
	answers := map[Form]*Update{}
	if c.xml {
		name := c.r.xmlName(cl)
		if c.rolling(cl.channel) {
			c.outside(cl)
			name = c.r.rolloutName(cl)
		}
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
		// A server of snippets throttles by itself: while a rollout lasts, they
		// are those of the release before.
		if !c.rolling(cl.channel) {
			answers[Snippets2] = u
		}
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
		for _, d := range differences(plain(answers[first]), plain(answers[form])) {
			c.add("%s: %s: %s %s, %s %s", c.fileOf(cl, form, d.field), d.field, first, d.a, form, d.b)
		}
	}
}

// fileOf is where a form tells a class a field. Blobs come first of the forms and
// serve many classes; what is compared with them lies in a file of the class.
func (c *checking) fileOf(cl class, form Form, field string) string {
	switch {
	case form == Snippets2 && strings.HasPrefix(field, "patch partial "):
		return c.r.snippetName(cl, partial)
	case form == Snippets2:
		return c.r.snippetName(cl, complete)
	case c.rolling(cl.channel):
		return c.r.rolloutName(cl)
	}
	return c.r.xmlName(cl)
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
