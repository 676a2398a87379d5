package repack

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

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
