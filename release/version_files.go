package release

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"slipway/release/git"
)

// changes rewrites the version files for the release branch.
func (r *resolver) changes(ctx context.Context) ([]git.Change, error) {
	var changes []git.Change
	var errs []error
	for _, f := range r.c.VersionFiles {
		old, err := r.main.ReadFile(ctx, r.commit.Revision, f.Path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		text, _, err := f.bump(string(old), r.version)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if text != string(old) {
			changes = append(changes, git.Change{Path: f.Path, Content: text})
		}
	}
	return changes, errors.Join(errs...)
}

// bump puts v where the file names a version, and tells which stood there.
func (f VersionFile) bump(text string, v Version) (bumped, was string, err error) {
	before, after, _ := strings.Cut(f.Find, "{version}")
	form := regexp.MustCompile(regexp.QuoteMeta(before) + `([0-9]+\.[0-9A-Za-z.+-]*[0-9A-Za-z])` + regexp.QuoteMeta(after))
	places := form.FindAllStringSubmatchIndex(text, -1)
	if len(places) != 1 {
		return "", "", fmt.Errorf("version file %s: %q fits %d places; want one", f.Path, f.Find, len(places))
	}
	want := v.text
	if f.Holds == "app-version" {
		want = v.App()
	}
	at := places[0]
	return text[:at[2]] + want + text[at[3]:], text[at[2]:at[3]], nil
}
