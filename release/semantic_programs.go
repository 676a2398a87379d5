package release

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"slipway/signing/authenticode"
)

// checkPrograms: a key that signs nothing, programs that nothing signs.
func (c *Config) checkPrograms(bad complain) {
	const at = "signing.authenticode"
	a := c.Signing.Authenticode
	key, signer := a.Key != "", len(a.Signer) > 0
	switch {
	case a.Certificate == "" && (key || signer):
		bad(at, "certificate is missing: it goes into every signature")
	case a.Certificate != "" && key == signer:
		bad(at, "want key or signer, one of them")
	case a.Passphrase != "" && !key:
		bad(at+".passphrase", "there is no key that it is for")
	case signer && a.Signer[0] == "":
		bad(at+".signer", "names no program")
	}
	if a.Timestamp != "" && !isWeb(a.Timestamp) {
		bad(at+".timestamp", "%q: want an http or https URL", a.Timestamp)
	}
	if err := (authenticode.Options{Description: a.Description, URL: a.URL}).Check(); err != nil {
		bad(at, "%v", err)
	}
	signed := false
	for _, id := range sortedKeys(c.Platforms) {
		signed = signed || len(c.Platforms[id].Programs) > 0
		for _, i := range c.Platforms[id].Installers {
			signed = signed || i.Authenticode
		}
		c.checkPatterns(bad, "platforms."+id+".authenticode", c.Platforms[id].Programs)
	}
	if a.Certificate != "" && !signed {
		bad(at, "no platform names what is signed: want authenticode: [\"*.exe\", \"*.dll\"], or the like, in one of platforms")
	}
}

func (c *Config) checkPatterns(bad complain, at string, patterns []string) {
	for i, p := range patterns {
		p = strings.TrimPrefix(p, "!")
		if _, err := path.Match(p, ""); err != nil || p == "" || path.IsAbs(p) {
			bad(fmt.Sprintf("%s.%d", at, i), "%q: want a shell pattern, such as *.dll or skiff/lib/*.dll", p)
		}
	}
	switch {
	case len(patterns) == 0:
	case !slices.ContainsFunc(patterns, func(p string) bool { return !strings.HasPrefix(p, "!") }):
		bad(at, "it only takes files out; want a pattern of what is signed")
	case c.Signing.Authenticode.Certificate == "":
		bad(at, "signing.authenticode has no key and certificate to sign with")
	}
}

// matches tells whether a file of the package is signed. Windows does not tell
// capitals from small letters, so this does not.
func matches(patterns []string, file string) bool {
	file = strings.ToLower(file)
	found := false
	for _, p := range patterns {
		p, out := strings.CutPrefix(strings.ToLower(p), "!")
		name := path.Base(file)
		if strings.Contains(p, "/") {
			name = file
		}
		if ok, _ := path.Match(p, name); ok {
			if out {
				return false
			}
			found = true
		}
	}
	return found
}
