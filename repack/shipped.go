package repack

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Shipped is the old shipped-locales file: which locales there are, and for
// some the platforms.
type Shipped map[string][]string

// ParseShipped reads a locale on each line, followed by platforms if not all.
func ParseShipped(name string, b []byte) (Shipped, error) {
	if len(b) > maxList {
		return nil, fmt.Errorf("%s: %d bytes, limit %d", name, len(b), maxList)
	}
	out := Shipped{}
	var errs []error
	in := bufio.NewScanner(bytes.NewReader(b))
	for line := 1; in.Scan(); line++ {
		words := strings.Fields(in.Text())
		if len(words) == 0 || words[0][0] == '#' {
			continue
		}
		_, dup := out[words[0]]
		if dup || !localeForm.MatchString(words[0]) || len(out) == maxLocales {
			errs = append(errs, fmt.Errorf("%s:%d: locale %q is there twice, not of the form de, pt-BR or ja-JP-mac, or over %d", name, line, cutShort(words[0]), maxLocales))
			continue
		}
		out[words[0]] = words[1:]
	}
	return out, errors.Join(append(errs, in.Err())...)
}

// Restrict gives the platforms of shipped to the changesets. Locales that are
// on one list only are an error: one of the lists was not updated.
func (c Changesets) Restrict(shipped Shipped) (Changesets, error) {
	var out Changesets
	var errs []error
	known := map[string]bool{sourceLocale: true}
	for _, l := range c {
		known[l.Locale] = true
		platforms, ok := shipped[l.Locale]
		if !ok {
			errs = append(errs, fmt.Errorf("locale %s has a changeset and is not shipped", l.Locale))
			continue
		}
		if len(platforms) > 0 {
			l.Platforms = platforms
		}
		out = append(out, l)
	}
	for l := range shipped {
		if !known[l] {
			errs = append(errs, fmt.Errorf("locale %s is shipped and has no changeset", l))
		}
	}
	sort.Slice(errs, func(i, j int) bool { return errs[i].Error() < errs[j].Error() })
	return out, errors.Join(errs...)
}
