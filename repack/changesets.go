package repack

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"sort"
	"strings"
)

// Changeset is what one locale is built from.
type Changeset struct {
	Locale    string   `json:"locale"`
	Revision  string   `json:"revision"`            // 40 hex digits, 12 in lists of old mobile releases
	Platforms []string `json:"platforms,omitempty"` // nil is all: the old text form does not say
	Pin       bool     `json:"pin,omitempty"`       // a bumper must not move it
}

// Changesets of a release, by locale.
type Changesets []Changeset

var (
	localeForm   = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)
	revisionForm = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{12})$`)

	// l10nPlatforms are the ids that l10n-changesets.json knows, beside their
	// -devedition twins.
	l10nPlatforms = []string{
		"linux", "linux64", "linux64-aarch64", "macosx64", "win32", "win64", "win64-aarch64",
		"android", "android-multilocale",
	}
)

const (
	maxList    = 4 << 20 // bytes
	maxLocales = 1000    // nine times Firefox's

	maxComplaints = 20 // a screen; what is wrong that often has one cause
)

// For gives the locales of a platform: ja, but ja-JP-mac on macosx64.
func (c Changesets) For(platform string) []Changeset {
	var list []Changeset
	for _, l := range c {
		if l.Platforms == nil || slices.Contains(l.Platforms, platform) {
			list = append(list, l)
		}
	}
	return list
}

// ParseChangesets reads l10n-changesets.json, or the old text form with a
// locale and a revision on each line. All that is wrong is reported at once,
// as name:line, up to a screenful.
func ParseChangesets(name string, b []byte) (Changesets, error) {
	if len(b) > maxList {
		return nil, fmt.Errorf("%s: %d bytes, limit %d", name, len(b), maxList)
	}
	p := &listParser{name: name, text: string(b), lines: map[string]int{}}
	if strings.HasPrefix(strings.TrimLeft(p.text, " \t\r\n"), "{") {
		p.json()
	} else {
		p.plain()
	}
	if len(p.list) == 0 && len(p.errs) == 0 {
		p.bad(1, "no locales")
	}
	if p.more > 0 {
		p.errs = append(p.errs, fmt.Errorf("%s: and %d more findings", p.name, p.more))
	}
	if len(p.errs) > 0 {
		return nil, errors.Join(p.errs...)
	}
	sort.Slice(p.list, func(i, j int) bool { return p.list[i].Locale < p.list[j].Locale })
	return p.list, nil
}

type listParser struct {
	name  string
	text  string
	list  Changesets
	lines map[string]int // locale → line
	errs  []error
	more  int // complaints beyond maxComplaints
}

func (p *listParser) bad(line int, format string, args ...any) {
	if len(p.errs) == maxComplaints {
		p.more++
		return
	}
	p.errs = append(p.errs, fmt.Errorf("%s:%d: %s", p.name, line, fmt.Sprintf(format, args...)))
}

func (p *listParser) add(line int, c Changeset) {
	if first, dup := p.lines[c.Locale]; dup {
		p.bad(line, "locale %s is already on line %d", c.Locale, first)
		return
	}
	p.lines[c.Locale] = line
	switch {
	case c.Locale == sourceLocale:
		p.bad(line, "%s is not listed: it is what others are made from", sourceLocale)
	case !localeForm.MatchString(c.Locale):
		p.bad(line, "locale %q: want one such as de, pt-BR or ja-JP-mac", cutShort(c.Locale))
	case !revisionForm.MatchString(c.Revision):
		p.bad(line, "revision %q of %s: want 40 hex digits (12 in old mobile lists), never a branch", cutShort(c.Revision), c.Locale)
	}
	p.list = append(p.list, c)
}

func (p *listParser) plain() {
	in := bufio.NewScanner(bytes.NewReader([]byte(p.text)))
	for line := 1; in.Scan(); line++ {
		words := strings.Fields(in.Text())
		switch {
		case len(words) == 0 || words[0][0] == '#':
		case len(words) != 2:
			p.bad(line, "%q: want a locale and a revision", cutShort(in.Text()))
		case len(p.list) == maxLocales:
			p.bad(line, "over %d locales", maxLocales)
			return
		default:
			p.add(line, Changeset{Locale: words[0], Revision: words[1]})
		}
	}
	if err := in.Err(); err != nil {
		p.bad(1, "%v", err)
	}
}

// json reads token by token: each finding has its line, and the second of two
// equal keys is seen, which a map would swallow.
func (p *listParser) json() {
	dec := json.NewDecoder(strings.NewReader(p.text))
	lines := lines{text: p.text}
	line := func() int { return lines.of(min(int(dec.InputOffset()), len(p.text))) }
	if _, err := dec.Token(); err != nil {
		p.bad(line(), "%v", err)
		return
	}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			p.bad(line(), "%v", err)
			return
		}
		if len(p.list) == maxLocales {
			p.bad(line(), "over %d locales", maxLocales)
			return
		}
		at := line()
		c := Changeset{Locale: t.(string)} // a key of an object
		if !p.fields(dec, &c, line) {
			return
		}
		p.add(at, c)
	}
	_, err := dec.Token()
	if err == nil {
		if _, err = dec.Token(); err == io.EOF {
			return
		}
		err = errors.New("text behind the list")
	}
	p.bad(line(), "%v", err)
}

func (p *listParser) fields(dec *json.Decoder, c *Changeset, line func() int) bool {
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		p.bad(line(), "locale %s: want an object with revision, platforms and pin", cutShort(c.Locale))
		return false
	}
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			p.bad(line(), "%v", err)
			return false
		}
		key := t.(string)
		if seen[key] {
			p.bad(line(), "%s has %q twice", c.Locale, cutShort(key))
		}
		seen[key] = true
		switch key {
		case "revision":
			err = dec.Decode(&c.Revision)
		case "platforms":
			err = dec.Decode(&c.Platforms)
		case "pin":
			err = dec.Decode(&c.Pin)
		default:
			var skip json.RawMessage
			if err = dec.Decode(&skip); err == nil {
				p.bad(line(), "%s has the unknown key %q: want revision, platforms or pin", c.Locale, cutShort(key))
			}
		}
		if err != nil {
			p.bad(line(), "%s of %s: %v", key, cutShort(c.Locale), err)
			return false
		}
	}
	if _, err := dec.Token(); err != nil {
		p.bad(line(), "%v", err)
		return false
	}
	p.platforms(*c, line())
	return true
}

func (p *listParser) platforms(c Changeset, line int) {
	if len(c.Platforms) == 0 {
		p.bad(line, "%s has no platforms", cutShort(c.Locale))
	}
	seen := map[string]bool{}
	for _, id := range c.Platforms {
		if !slices.Contains(l10nPlatforms, strings.TrimSuffix(id, "-devedition")) {
			p.bad(line, "%s: unknown platform %q, want one of %s", c.Locale, cutShort(id), strings.Join(l10nPlatforms, ", "))
		}
		if seen[id] {
			p.bad(line, "%s has platform %s twice", c.Locale, id)
		}
		seen[id] = true
	}
}
