package repack

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
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
