package release

import (
	"bufio"
	"bytes"
	"fmt"
	"sort"
	"strings"
)

// partnerConfig is what planning needs of a repack.cfg.
type partnerConfig struct {
	Platforms []string
	Locales   []string
	OEM       bool
	Public    bool
}

// parsePartnerConfig reads lines of key=value; # begins a comment line, double
// quotes around the value are optional, and only "true" is true.
func parsePartnerConfig(text []byte) (partnerConfig, error) {
	var c partnerConfig
	in := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; in.Scan(); n++ {
		line := strings.TrimSpace(in.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return c, fmt.Errorf("line %d: %q: want key=value", n, line)
		}
		key, value = strings.TrimSpace(key), strings.Trim(strings.TrimSpace(value), `"`)
		switch {
		case key == "locales":
			c.Locales = strings.Fields(value)
		case key == "oem":
			c.OEM = value == "true"
		case key == "upload_to_candidates":
			c.Public = value == "true"
		case value == "true":
			c.Platforms = append(c.Platforms, key)
		}
	}
	sort.Strings(c.Platforms)
	return c, in.Err()
}
