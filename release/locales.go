package release

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"slipway/release/git"
	"slipway/repack"
)

// planLocales maps the platform ids of l10n-changesets.json to ours. Ids that
// are nobody's here are left out: the list is shared with products that have
// more of them. A locale that comes to nothing is an error.
func planLocales(list repack.Changesets, platforms map[string]Platform) ([]PlannedLocale, error) {
	var planned []PlannedLocale
	var idle []string
	var errs []error
	for _, c := range list {
		if err := git.CheckRevision(c.Revision); err != nil {
			errs = append(errs, fmt.Errorf("locale %s: %w", c.Locale, err))
		}
		l := PlannedLocale{Code: c.Locale, Revision: c.Revision}
		for _, id := range sortedKeys(platforms) {
			if c.Platforms == nil || slices.Contains(c.Platforms, platforms[id].L10nID) {
				l.Platforms = append(l.Platforms, id)
			}
		}
		if len(l.Platforms) == 0 {
			idle = append(idle, c.Locale)
			continue
		}
		planned = append(planned, l)
	}
	if len(idle) > 0 {
		errs = append(errs, fmt.Errorf("locales %s: none of their platforms is ours; see l10n-id in slipway.yaml", strings.Join(idle, ", ")))
	}
	return planned, errors.Join(errs...)
}
