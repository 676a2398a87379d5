package repack

import (
	"fmt"
	"strings"
)

// LocaleRule says which files of a product are translated.
//
// Target names them in the archive, below the app root, and Source in the
// locale's tree. {locale} stands for the locale, en-US in an archive that has
// not been repacked. One * (within a directory) or ** (across directories) in
// both stands for the same text in both:
//
//	source: browser/**.ftl    target: locale/{locale}/browser/**.ftl
//
// Format says how they are merged: properties, ini, dtd, ftl and json string
// by string, with en-US for what the locale lacks; copy file by file, with
// en-US for files that it lacks; replace file by file without en-US, as with
// dictionaries, where an English one under a German name would be wrong.
type LocaleRule struct {
	Source string `json:"source"`
	Target string `json:"target"`
	Format string `json:"format"`
}

const (
	formatJSON    = "json"
	formatCopy    = "copy"
	formatReplace = "replace"

	sourceLocale = "en-US"
)

func (r LocaleRule) String() string {
	return fmt.Sprintf("%s → %s (%s)", r.Source, r.Target, r.Format)
}

// Check refuses rules that cannot mean anything.
func (r LocaleRule) Check() error {
	if _, ok := parsers[r.Format]; !ok && r.Format != formatJSON && r.Format != formatCopy && r.Format != formatReplace {
		return fmt.Errorf("rule %s: format %q: want properties, ini, dtd, ftl, json, copy or replace", r, r.Format)
	}
	for _, p := range []string{r.Source, r.Target} {
		plain := strings.ReplaceAll(p, "{locale}", "xx")
		if c, err := cleanName(plain); err != nil || c != plain || c == "." {
			return fmt.Errorf("rule %s: %q is no path below the root", r, p)
		}
		if strings.ContainsAny(plain, "{}?[]") {
			return fmt.Errorf("rule %s: %q: only {locale}, * and ** have a meaning", r, p)
		}
	}
	s, t := split(r.Source, ""), split(r.Target, "")
	if s.wild != t.wild || strings.Contains(s.suffix+t.suffix, "*") {
		return fmt.Errorf("rule %s: want at most one * or **, the same on both sides", r)
	}
	return nil
}

// pattern is a path with at most one wildcard.
type pattern struct{ prefix, wild, suffix string }

func split(p, locale string) pattern {
	p = strings.ReplaceAll(p, "{locale}", locale)
	for _, wild := range []string{"**", "*"} {
		if a, b, ok := strings.Cut(p, wild); ok {
			return pattern{a, wild, b}
		}
	}
	return pattern{prefix: p}
}

// below puts the pattern under a directory.
func (p pattern) below(root string) pattern {
	if root != "" {
		p.prefix = root + "/" + p.prefix
	}
	return p
}

// match gives the text that the wildcard stands for.
func (p pattern) match(path string) (star string, ok bool) {
	if p.wild == "" {
		return "", path == p.prefix
	}
	if len(path) < len(p.prefix)+len(p.suffix) || !strings.HasPrefix(path, p.prefix) || !strings.HasSuffix(path, p.suffix) {
		return "", false
	}
	star = path[len(p.prefix) : len(path)-len(p.suffix)]
	return star, star != "" && (p.wild == "**" || !strings.Contains(star, "/"))
}

func (p pattern) with(star string) string {
	if p.wild == "" {
		return p.prefix
	}
	return p.prefix + star + p.suffix
}

// Unexpected gives those changes between an en-US archive and a locale's that
// no rule allows: what l10n verify complains about.
func Unexpected(changes []Change, appRoot string, rules []LocaleRule, locale string) []Change {
	var bad []Change
	for _, c := range changes {
		if !allowed(c, appRoot, rules, locale) {
			bad = append(bad, c)
		}
	}
	return bad
}

func allowed(c Change, appRoot string, rules []LocaleRule, locale string) bool {
	if c.Kind != "added" && c.Kind != "removed" && c.Kind != "contents" {
		return false
	}
	for _, r := range rules {
		for _, l := range []string{sourceLocale, locale} {
			if _, ok := split(r.Target, l).below(appRoot).match(c.Path); ok {
				return true
			}
		}
	}
	return false
}
