package repack

import (
	"errors"
	"fmt"
	"strings"
)

// Distribution is what Slipway needs of a distribution.ini; the product reads
// the rest.
type Distribution struct {
	ID, Version string
	keys        map[string]bool // section/key
}

// ParseDistribution reads a distribution.ini.
func ParseDistribution(name string, b []byte) (Distribution, error) {
	t, err := parseStrings(name, "ini", b)
	if err != nil {
		return Distribution{}, err
	}
	d := Distribution{keys: map[string]bool{}}
	for _, e := range t.entities {
		_, value, _ := strings.Cut(t.text[e.from:e.to], "=")
		value = strings.Trim(strings.TrimSpace(value), `"`)
		d.keys[e.key] = true
		switch e.key {
		case "Global/id":
			d.ID = value
		case "Global/version":
			d.Version = value
		}
	}
	if d.ID == "" || d.Version == "" {
		return d, fmt.Errorf("%s: section [Global] has no id or no version", name)
	}
	return d, nil
}

// Agrees tells whether repack.cfg names the same distribution: the update
// server and the product must mean one.
func (c RepackCfg) Agrees(d Distribution) error {
	var errs []error
	if c.DistID != "" && c.DistID != d.ID {
		errs = append(errs, fmt.Errorf("repack.cfg says dist_id %q, distribution.ini id %q", c.DistID, d.ID))
	}
	if c.DistVersion != "" && c.DistVersion != d.Version {
		errs = append(errs, fmt.Errorf("repack.cfg says dist_version %q, distribution.ini version %q", c.DistVersion, d.Version))
	}
	return errors.Join(errs...)
}

// extend adds what repack.cfg asks for as sections at the end; a section that
// the partner wrote already is a contradiction that a person must solve.
func (d Distribution) extend(ini []byte, cfg RepackCfg, locale string) ([]byte, error) {
	text := strings.TrimRight(strings.ReplaceAll(string(ini), "\r\n", "\n"), "\n") + "\n"
	add := func(section, key, value string) error {
		for have := range d.keys {
			if strings.HasPrefix(have, section+"/") {
				return fmt.Errorf("distribution.ini has a section [%s] already, where repack.cfg asks for %s=%s", section, key, value)
			}
		}
		text += fmt.Sprintf("\n[%s]\n%s=%s\n", section, key, value)
		return nil
	}
	if cfg.NoWizard { // read from distribution.ini since version 44
		if err := add("XRE", "EnableProfileMigrator", "0"); err != nil {
			return nil, err
		}
	}
	if cfg.Base(locale) != locale {
		if err := add("Locale", "locale", locale); err != nil {
			return nil, err
		}
	}
	return []byte(text), nil
}
