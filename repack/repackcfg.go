package repack

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"
)

// RepackCfg is a partner's repack.cfg: what is made for whom.
type RepackCfg struct {
	Aus         string            `json:"aus,omitempty"` // the update channel is release-cck-AUS
	DistID      string            `json:"dist_id,omitempty"`
	DistVersion string            `json:"dist_version,omitempty"`
	Locales     []string          `json:"locales"`
	Platforms   []string          `json:"platforms"`           // linux-i686, linux-x86_64, mac, win32, win64, win64-aarch64
	Bases       map[string]string `json:"bases,omitempty"`     // a locale of the partner's own → what it is made from
	OEM         bool              `json:"oem,omitempty"`       // made only when asked for by name
	Public      bool              `json:"public,omitempty"`    // upload_to_candidates; else a private place
	NoWizard    bool              `json:"no_wizard,omitempty"` // migrationWizardDisabled
	Stub        bool              `json:"stub,omitempty"`      // repack_stub_installer, win32 only
	SetupExe    string            `json:"setup_exe,omitempty"`
	OutputDir   string            `json:"output_dir,omitempty"`
	// Legacy keys that nothing uses any more: deb_section, s3cfg, bucket.
	Legacy map[string]string `json:"legacy,omitempty"`
}

// cfgPlatforms maps the platform keys to platforms; three are old names.
var cfgPlatforms = map[string]string{
	"linux-i686": "linux-i686", "linux": "linux-i686", "linux32": "linux-i686",
	"linux-x86_64": "linux-x86_64", "linux64": "linux-x86_64",
	"mac": "mac", "win32": "win32", "win64": "win64", "win64-aarch64": "win64-aarch64",
}

var (
	cfgWord   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	cfgHolder = regexp.MustCompile(`%\([^)]*\)s|%`)
)

const (
	maxCfg      = 64 << 10
	localeKey   = "locale."
	defaultPath = "%(platform)s/%(locale)s"
)

// ParseRepackCfg reads key=value lines. Where the original program guessed,
// this one reports: a flag that is neither true nor false, a key that nobody
// reads, a configuration for no platform or no locale. All findings come at
// once, as name:line. Values may hold "="; spaces between locales may be many.
func ParseRepackCfg(name string, b []byte) (RepackCfg, error) {
	text, err := cleanText(name, b)
	if err != nil {
		return RepackCfg{}, err
	}
	if len(text) > maxCfg {
		return RepackCfg{}, fmt.Errorf("%s: %d bytes, limit %d", name, len(text), maxCfg)
	}
	p := &cfgParser{name: name, lines: map[string]int{}}
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			p.line(i+1, line)
		}
	}
	p.whole()
	if len(p.errs) > 0 {
		return RepackCfg{}, errors.Join(p.errs...)
	}
	return p.cfg, nil
}

type cfgParser struct {
	name  string
	cfg   RepackCfg
	lines map[string]int
	errs  []error
}

func (p *cfgParser) bad(line int, format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf("%s:%d: %s", p.name, line, fmt.Sprintf(format, args...)))
}

func (p *cfgParser) line(n int, line string) {
	key, value, ok := strings.Cut(line, "=")
	if key = strings.TrimSpace(key); !ok || key == "" {
		p.bad(n, "%q: want key=value; there are no sections", cutShort(line))
		return
	}
	value = strings.TrimSpace(value)
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		value = value[1 : len(value)-1]
	}
	if strings.ContainsAny(value, "\"\x00\r\t") || len(value) > 4096 {
		p.bad(n, "%s: value %q has a quote or control character inside, or over 4096 bytes", key, cutShort(value))
		return
	}
	if first, dup := p.lines[key]; dup {
		p.bad(n, "%s is already on line %d", key, first)
		return
	}
	p.lines[key] = n
	p.set(n, key, value)
}

func (p *cfgParser) set(n int, key, value string) {
	c := &p.cfg
	if platform, ok := cfgPlatforms[key]; ok {
		if p.flag(n, key, value) {
			if slices.Contains(c.Platforms, platform) {
				p.bad(n, "%s is named by two keys", platform)
			}
			c.Platforms = append(c.Platforms, platform)
		}
		return
	}
	if custom, ok := strings.CutPrefix(key, localeKey); ok {
		if !localeForm.MatchString(custom) || !localeForm.MatchString(value) {
			p.bad(n, "%s=%s: want locale.CUSTOM=BASE, as in locale.en-HK=en-US", cutShort(key), cutShort(value))
			return
		}
		if c.Bases == nil {
			c.Bases = map[string]string{}
		}
		c.Bases[custom] = value
		return
	}
	switch key {
	case "aus":
		c.Aus = p.word(n, key, value)
	case "dist_id":
		c.DistID = p.word(n, key, value)
	case "dist_version":
		c.DistVersion = p.word(n, key, value)
	case "locales":
		c.Locales = p.locales(n, value)
	case "oem":
		c.OEM = p.flag(n, key, value)
	case "upload_to_candidates":
		c.Public = p.flag(n, key, value)
	case "migrationWizardDisabled":
		c.NoWizard = p.flag(n, key, value)
	case "repack_stub_installer":
		c.Stub = p.flag(n, key, value)
	case "replacement_setup_exe":
		c.SetupExe = value
	case "output_dir":
		c.OutputDir = p.outputDir(n, value)
	case "deb_section", "s3cfg", "bucket":
		if c.Legacy == nil {
			c.Legacy = map[string]string{}
		}
		c.Legacy[key] = value
	default:
		p.bad(n, "unknown key %q%s", cutShort(key), suggestion(key))
	}
}

// flag: only "true" ever counted, so "True" and "1" meant no without saying so.
func (p *cfgParser) flag(n int, key, value string) bool {
	if value != "true" && value != "false" {
		p.bad(n, "%s=%q: want true or false, in small letters", key, cutShort(value))
	}
	return value == "true"
}

func (p *cfgParser) word(n int, key, value string) string {
	if !cfgWord.MatchString(value) {
		p.bad(n, "%s=%q: want letters, digits, dots, underscores and hyphens", key, cutShort(value))
	}
	return value
}

func (p *cfgParser) locales(n int, value string) []string {
	var list []string
	for _, l := range strings.Fields(value) {
		if !localeForm.MatchString(l) || slices.Contains(list, l) {
			p.bad(n, "locale %q is no locale, or there twice", cutShort(l))
			continue
		}
		list = append(list, l)
	}
	return list
}

func (p *cfgParser) outputDir(n int, value string) string {
	for _, h := range cfgHolder.FindAllString(value, -1) {
		switch h {
		case "%(partner)s", "%(partner_distro)s", "%(platform)s", "%(locale)s":
		default:
			p.bad(n, "output_dir: %q: want %%(partner)s, %%(partner_distro)s, %%(platform)s or %%(locale)s", h)
		}
	}
	if _, err := cleanName(cfgHolder.ReplaceAllString(value, "x")); err != nil {
		p.bad(n, "output_dir: %v", err)
	}
	return value
}

// whole checks what only all lines together tell.
func (p *cfgParser) whole() {
	c := &p.cfg
	sort.Strings(c.Platforms)
	if len(c.Platforms) == 0 {
		p.bad(1, "no platform is true: nothing would be made")
	}
	if len(c.Locales) == 0 {
		p.bad(1, "no locales: nothing would be made")
	}
	if c.SetupExe != "" && (len(c.Locales) != 1 || len(c.Platforms) != 1) {
		p.bad(p.lines["replacement_setup_exe"], "replacement_setup_exe needs exactly one locale and one platform, not %d and %d", len(c.Locales), len(c.Platforms))
	}
	if c.Stub && !slices.Contains(c.Platforms, "win32") {
		p.bad(p.lines["repack_stub_installer"], "repack_stub_installer is for win32, which is not asked for")
	}
	for custom, base := range c.Bases {
		line := p.lines[localeKey+custom]
		if !slices.Contains(c.Locales, custom) {
			p.bad(line, "%s%s: the locale is not in locales", localeKey, custom)
		}
		if _, chain := c.Bases[base]; chain {
			p.bad(line, "%s%s: %s is itself the partner's own", localeKey, custom, base)
		}
	}
	sort.Slice(p.errs, func(i, j int) bool { return p.errs[i].Error() < p.errs[j].Error() })
}

// Base is the locale whose archive a partner's locale is made from.
func (c RepackCfg) Base(locale string) string {
	if base, ok := c.Bases[locale]; ok {
		return base
	}
	return locale
}

// Skip is a build that is not made, and why.
type Skip struct {
	Locale string `json:"locale,omitempty"` // empty: none of the platform's
	Why    string `json:"why"`
}

// Builds lists the locales to make for a platform, and what is left out: the
// original left out in silence.
func (c RepackCfg) Builds(platform string, oem bool) (locales []string, skipped []Skip) {
	if c.OEM && !oem {
		return nil, []Skip{{Why: "is an OEM configuration, made only when asked for by name"}}
	}
	if !slices.Contains(c.Platforms, platform) {
		return nil, []Skip{{Why: fmt.Sprintf("is not for %s but for %s", platform, strings.Join(c.Platforms, ", "))}}
	}
	for _, l := range c.Locales {
		switch base := c.Base(l); {
		case base == "ja" && platform == "mac":
			skipped = append(skipped, Skip{l, "Japanese for Mac is ja-JP-mac"})
		case base == "ja-JP-mac" && platform != "mac":
			skipped = append(skipped, Skip{l, "ja-JP-mac is for Mac only"})
		default:
			locales = append(locales, l)
		}
	}
	return locales, skipped
}

// Output is the directory of a build below the candidates or private place.
func (c RepackCfg) Output(partner, config, platform, locale string) string {
	dir := c.OutputDir
	if dir == "" {
		dir = defaultPath
	}
	return path.Clean(strings.NewReplacer(
		"%(partner)s", partner, "%(partner_distro)s", config, "%(platform)s", platform, "%(locale)s", locale,
	).Replace(dir))
}

// suggestion finds the known key that differs least.
func suggestion(key string) string {
	known := []string{
		"aus", "dist_id", "dist_version", "locales", "oem", "upload_to_candidates", "migrationWizardDisabled",
		"repack_stub_installer", "replacement_setup_exe", "output_dir", "deb_section", "s3cfg", "bucket",
	}
	for p := range cfgPlatforms {
		known = append(known, p)
	}
	sort.Strings(known)
	flat := func(s string) string {
		return strings.NewReplacer("_", "", "-", "", ".", "").Replace(strings.ToLower(s))
	}
	for _, k := range known {
		if a, b := flat(k), flat(key); a == b || len(b) > 3 && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a)) {
			return fmt.Sprintf("; did you mean %s?", k)
		}
	}
	return ""
}
