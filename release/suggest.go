package release

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"slipway/release/git"
)

// Suggestion is what a coordinator probably wants next. Nothing follows it by
// itself: a plan pins what a person confirmed.
type Suggestion struct {
	Version      string
	Build        int
	Priors       []string // released versions, newest first
	Usual        []string // of those, the ones that get partials unless somebody names others
	Repositories []string // main first
	Recent       map[string][]git.Commit
}

// recentCommits is how many revisions of a branch are shown: a day's landings.
const recentCommits = 8

// Suggest looks at what was published and at the branches that the file names.
func Suggest(ctx context.Context, c Config, w World) (Suggestion, error) {
	s := Suggestion{Build: 1, Recent: map[string][]git.Commit{}}
	all, err := released(w.Publish, c)
	if err != nil {
		return s, err
	}
	s.Priors = versionTexts(all)
	next, err := nextVersion(c.VersionScheme, all)
	if err != nil {
		return s, err
	}
	s.Version = next.text
	h := history{w.Publish, c, next}
	_, older, err := h.others()
	if err != nil {
		return s, err
	}
	usual, err := h.usual(older)
	if err != nil {
		return s, err
	}
	s.Usual = versionTexts(usual)
	if s.Build, err = nextBuild(w.Publish, c.Product, s.Version); err != nil {
		return s, err
	}
	var errs []error
	for _, name := range sortedKeys(c.Repositories) {
		if name == mainRepository {
			s.Repositories = append([]string{name}, s.Repositories...)
		} else {
			s.Repositories = append(s.Repositories, name)
		}
		branch := c.Repositories[name].Branch
		if branch == "" {
			continue
		}
		m, err := openMirror(ctx, w.Git, w.Root, name, c.Repositories[name].URL)
		if err == nil {
			s.Recent[name], err = m.Recent(ctx, branch, recentCommits)
			s.Recent[name] = slices.DeleteFunc(s.Recent[name], notToBuild)
		}
		errs = append(errs, err)
	}
	return s, errors.Join(errs...)
}

// notToBuild: who landed a change to comments says so, as at Mozilla.
func notToBuild(c git.Commit) bool { return strings.Contains(c.Subject, "DONTBUILD") }

// nextVersion follows what was released, newest first, by a version of the same
// kind. A train of major versions knows no 10.1: after 10.0 comes 10.0.1, and
// after 140.0esr 140.0.1esr; an aurora only ever has a major number.
func nextVersion(scheme string, released []Version) (Version, error) {
	if len(released) == 0 {
		v, err := ParseVersion(scheme, "1.0")
		if err != nil {
			v, err = ParseVersion(scheme, "1.0.0") // semver has three numbers
		}
		return v, err
	}
	last := released[0]
	kind := strings.TrimPrefix(last.text, last.App())
	major, _, _ := strings.Cut(last.text, ".")
	for _, way := range []string{following(last.text), last.App() + ".1" + kind, following(major) + ".0" + kind} {
		if v, err := ParseVersion(scheme, way); err == nil && v.Kind() == last.Kind() {
			return v, nil
		}
	}
	return Version{}, fmt.Errorf("nothing is known to follow version %s", last)
}

// following raises the last number of a version: 10.0.2 after 10.0.1, 58.0b5
// after 58.0b4.
func following(version string) string {
	end := strings.LastIndexAny(version, "0123456789") + 1
	begin := strings.LastIndexFunc(version[:end], func(r rune) bool { return r < '0' || r > '9' }) + 1
	n, err := strconv.Atoi(version[begin:end])
	if err != nil {
		return version
	}
	return version[:begin] + strconv.Itoa(n+1) + version[end:]
}

// nextBuild is one more than the candidates of a version that exist.
func nextBuild(pub fs.FS, product, version string) (int, error) {
	dirs, err := fs.ReadDir(pub, path.Join(product, "candidates", version+"-candidates"))
	if errors.Is(err, fs.ErrNotExist) {
		return 1, nil
	}
	next := 1
	for _, d := range dirs {
		if n, err := strconv.Atoi(strings.TrimPrefix(d.Name(), "build")); err == nil && n >= next {
			next = n + 1
		}
	}
	return next, err
}
