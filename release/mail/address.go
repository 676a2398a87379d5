package mail

import (
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"
)

// maxRecipients of one mail: servers refuse more than a few hundred, and a
// release's lists are lists, not people.
const maxRecipients = 100

// maxAddress is RFC 5321's limit of a path, §4.5.3.1.3, less its brackets.
const maxAddress = 254

// recipients of an audience. Without a list of drivers the whole list is told.
func (f Facts) recipients(audience string) ([]string, error) {
	list := f.Lists[audience]
	if len(list) == 0 && audience == Drivers {
		audience, list = All, f.Lists[All]
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("the list %q has no addresses", audience)
	}
	if len(list) > maxRecipients {
		return nil, fmt.Errorf("the list %q has %d addresses, limit %d: use a mailing list", audience, len(list), maxRecipients)
	}
	seen := map[string]bool{}
	var to []string
	var errs []error
	for _, s := range list {
		a, err := parseAddress(s)
		if err != nil {
			errs = append(errs, fmt.Errorf("list %q: %w", audience, err))
			continue
		}
		if key := strings.ToLower(a.Address); !seen[key] {
			seen[key] = true
			to = append(to, a.String())
		}
	}
	return to, errors.Join(errs...)
}

func parseAddress(s string) (*netmail.Address, error) {
	if strings.ContainsFunc(s, unicode.IsControl) {
		return nil, fmt.Errorf("address %q holds a line break or control character", short(s))
	}
	a, err := netmail.ParseAddress(s)
	if err != nil {
		return nil, fmt.Errorf("address %q: want Name <name@host> (%w)", short(s), err)
	}
	if notOneLine(a.Name) != "" {
		return nil, fmt.Errorf("address %q: the name %s", short(s), notOneLine(a.Name))
	}
	at := strings.LastIndexByte(a.Address, '@')
	local, host := a.Address[:max(at, 0)], a.Address[at+1:]
	if len(a.Address) > maxAddress || !plain(local) || !plain(host) || strings.HasPrefix(host, ".") || strings.HasPrefix(host, "-") {
		return nil, fmt.Errorf("address %q: want plain ASCII of at most %d characters", short(s), maxAddress)
	}
	return a, nil
}

// plain admits the characters of addresses that need no quoting anywhere.
func plain(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte(".-_+=/", c) >= 0) {
			return false
		}
	}
	return s != ""
}
