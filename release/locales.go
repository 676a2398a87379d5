package release

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"sort"
	"strings"

	"slipway/release/git"
)

// Changeset is one locale's entry in l10n-changesets.json.
type Changeset struct {
	Revision  string   `json:"revision"`
	Platforms []string `json:"platforms"`
	// Pin keeps the daily bumper of revisions away; it says nothing here.
	Pin bool `json:"pin"`
}

// maxLocales is four times the languages Firefox ever shipped in.
const maxLocales = 500

// localeCode is the form of pt-BR, ja-JP-mac and ca-valencia.
var localeCode = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)

// ParseChangesets reads l10n-changesets.json. encoding/json keeps the last of
// two equal keys; here that is an error, since one of them is a mistake.
func ParseChangesets(text []byte) (map[string]Changeset, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("want an object keyed by locale (%v)", err)
	}
	list := map[string]Changeset{}
	var errs []error
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		code, ok := t.(string)
		if !ok {
			return nil, fmt.Errorf("offset %d: want a locale", dec.InputOffset())
		}
		var c Changeset
		if err := dec.Decode(&c); err != nil {
			return nil, fmt.Errorf("locale %q: %w", code, err)
		}
		if _, twice := list[code]; twice {
			errs = append(errs, fmt.Errorf("locale %q stands there twice", code))
		}
		if len(list) == maxLocales {
			return nil, fmt.Errorf("more than %d locales", maxLocales)
		}
		list[code] = c
		errs = append(errs, checkChangeset(code, c))
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("offset %d: something follows the object", dec.InputOffset())
	}
	return list, errors.Join(errs...)
}

func checkChangeset(code string, c Changeset) error {
	switch {
	case code == sourceLocale:
		return fmt.Errorf("locale %q is what the others are made from; it is not listed", code)
	case !localeCode.MatchString(code):
		return fmt.Errorf("locale %q: want a form such as de, pt-BR or ja-JP-mac", code)
	case len(c.Platforms) == 0:
		return fmt.Errorf("locale %q has no platforms", code)
	}
	if err := git.CheckRevision(c.Revision); err != nil {
		return fmt.Errorf("locale %q: %w", code, err)
	}
	return nil
}

// planLocales maps the platform ids of the list to ours. Ids that are nobody's
// here are left out: the list is shared with products that have more of them.
func planLocales(list map[string]Changeset, platforms map[string]Platform) ([]PlannedLocale, error) {
	var planned []PlannedLocale
	var idle []string
	for _, code := range sortedKeys(list) {
		l := PlannedLocale{Code: code, Revision: list[code].Revision}
		for _, id := range sortedKeys(platforms) {
			if slices.Contains(list[code].Platforms, platforms[id].L10nID) {
				l.Platforms = append(l.Platforms, id)
			}
		}
		if len(l.Platforms) == 0 {
			idle = append(idle, code)
			continue
		}
		planned = append(planned, l)
	}
	if len(idle) > 0 {
		sort.Strings(idle)
		return nil, fmt.Errorf("locales %s: none of their platforms is ours; see l10n-id in slipway.yaml", strings.Join(idle, ", "))
	}
	return planned, nil
}
