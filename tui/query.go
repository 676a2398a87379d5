package tui

import (
	"slices"
	"strings"
)

// holds tells whether all words of a query hold of something: channel:beta,esr
// where a value of the field channel begins with either; any other word where
// the text has it. Case does not matter.
func holds(query string, field func(name string) []string, text func() string) bool {
	all := ""
	for _, word := range strings.Fields(strings.ToLower(query)) {
		name, wanted, named := strings.Cut(word, ":")
		if values := field(name); named && values != nil {
			if !slices.ContainsFunc(values, func(v string) bool { return begins(v, strings.Split(wanted, ",")) }) {
				return false
			}
			continue
		}
		if all == "" {
			all = strings.ToLower(text())
		}
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}

func begins(value string, heads []string) bool {
	return slices.ContainsFunc(heads, func(h string) bool { return strings.HasPrefix(strings.ToLower(value), h) })
}
