package aus

import (
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// CheckWord accepts what can be one part of a path and of a URL without any
// escaping: versions, locales, channels, build targets, names.
func CheckWord(s string) error {
	if s == "" || len(s) > 100 || s[0] == '.' || s[0] == '-' || strings.Contains(s, "..") {
		return fmt.Errorf("%.120q: want 1 to 100 letters, digits and . _ + - that start with no dot or dash", s)
	}
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("._+-", c) >= 0) {
			return fmt.Errorf("%q: want letters, digits and . _ + -", s)
		}
	}
	return nil
}

func checkBuildID(s string) error {
	if s == "" || len(s) > 20 || strings.Trim(s, "0123456789") != "" {
		return fmt.Errorf("build ID %.40q: want digits", s)
	}
	return nil
}

// hashLengths holds the hex digits of each hash function that the blob's
// schema allows.
var hashLengths = map[string]int{"sha256": 64, "sha384": 96, "sha512": 128}

func hashName(s string) string { return strings.ToLower(s) }

func checkHash(function, value string) error {
	n, ok := hashLengths[hashName(function)]
	if !ok {
		return fmt.Errorf("hash function %q: want sha256, sha384 or sha512", function)
	}
	if _, err := hex.DecodeString(value); err != nil || len(value) != n {
		return fmt.Errorf("hash %.140q: want %d hex digits for %s", value, n, function)
	}
	return nil
}

// Vars are the values that a URL template may name in braces:
//
//	https://dl.example/{product}/{version}/update/{ftp}/{locale}/{file}
//
// Of a beta, {version} is 12.0 and {display} 12.0b3.
type Vars map[string]string

// expand replaces {name} by its value. What is neither a known name nor a
// matched brace is refused.
func expand(template string, vars Vars) (string, error) {
	var b strings.Builder
	rest := template
	for {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			b.WriteString(rest)
			return b.String(), nil
		}
		name, after, ok := strings.Cut(rest[i+1:], "}")
		value, known := vars[name]
		if rest[i] == '}' || !ok || !known {
			return "", fmt.Errorf("template %q: no value for %.40q", template, rest[i:])
		}
		b.WriteString(rest[:i])
		b.WriteString(value)
		rest = after
	}
}

// URLPolicy says which URLs may be given to clients.
type URLPolicy struct {
	Hosts     []string // all when empty
	AllowHTTP bool
}

// CheckURL accepts absolute https URLs without user, fragment or any byte that
// would have to be escaped in one.
func (p URLPolicy) CheckURL(s string) error {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			return fmt.Errorf("URL %.200q: byte %#02x does not belong there", s, c)
		}
	}
	u, err := url.Parse(s)
	if err != nil {
		return fmt.Errorf("URL %.200q: %w", s, err)
	}
	switch {
	case u.Scheme != "https" && !(p.AllowHTTP && u.Scheme == "http"):
		return fmt.Errorf("URL %q: scheme %q, want https", s, u.Scheme)
	case u.Host == "" || u.Opaque != "":
		return fmt.Errorf("URL %q names no host", s)
	case u.User != nil || u.Fragment != "" || strings.Contains(s, "#"):
		return fmt.Errorf("URL %q has a user or a fragment", s)
	case len(p.Hosts) > 0 && !slices.Contains(p.Hosts, u.Hostname()):
		return fmt.Errorf("URL %q: host %q is none of %q", s, u.Hostname(), p.Hosts)
	}
	return nil
}
