package release

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"

	"slipway/cache"
)

// published is release.json, which publishing leaves beside a release's files:
// what the next release must know of this one.
type published struct {
	Name      string            `json:"name"` // skiff-1.0-build1
	Version   string            `json:"version"`
	Build     int               `json:"build"`
	BuildID   string            `json:"build-id"`
	Date      string            `json:"date"`
	Plan      string            `json:"plan"` // digest
	Revisions map[string]string `json:"revisions"`
}

// marPath is where a complete lies below a candidate or a release.
func marPath(p Platform, locale, product, version string) string {
	return path.Join("update", p.Directory, locale, product+"-"+version+".complete.mar")
}

// findPriors picks the releases that get partials: those asked for, or the
// newest before v, and pins their completes by the release's own checksums.
func findPriors(pub fs.FS, c Config, v Version, want []string) ([]Prior, error) {
	releases := path.Join(c.Product, "releases")
	picked, err := pickPriors(pub, releases, c, v, want)
	if err != nil {
		return nil, err
	}
	var priors []Prior
	var errs []error
	for _, p := range picked {
		prior, err := pinPrior(pub, path.Join(releases, p.text), c, p)
		if err != nil {
			errs = append(errs, fmt.Errorf("prior release %s: %w", p, err))
			continue
		}
		priors = append(priors, prior)
	}
	return priors, errors.Join(errs...)
}

func pickPriors(pub fs.FS, releases string, c Config, v Version, want []string) ([]Version, error) {
	var picked []Version
	if want != nil {
		for _, text := range want {
			w, err := ParseVersion(c.VersionScheme, text)
			if err != nil {
				return nil, err
			}
			if w.Compare(v) >= 0 {
				return nil, fmt.Errorf("prior release %s is not older than %s", w, v)
			}
			if !slices.ContainsFunc(picked, func(p Version) bool { return p.text == w.text }) {
				picked = append(picked, w)
			}
		}
		slices.SortFunc(picked, func(a, b Version) int { return b.Compare(a) })
		return picked, nil
	}
	dirs, err := fs.ReadDir(pub, releases)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // the first release of all
	}
	if err != nil {
		return nil, err
	}
	for _, d := range dirs {
		w, err := ParseVersion(c.VersionScheme, d.Name())
		if err == nil && w.Kind() == v.Kind() && w.Compare(v) < 0 {
			picked = append(picked, w)
		}
	}
	slices.SortFunc(picked, func(a, b Version) int { return b.Compare(a) })
	return picked[:min(len(picked), *c.Updates.Priors)], nil
}

func pinPrior(pub fs.FS, dir string, c Config, v Version) (Prior, error) {
	text, err := fs.ReadFile(pub, path.Join(dir, "release.json"))
	if err != nil {
		return Prior{}, err
	}
	var was published
	if err := json.Unmarshal(text, &was); err != nil {
		return Prior{}, fmt.Errorf("release.json: %w", err)
	}
	if was.Version != v.text || was.Build < 1 || len(was.BuildID) != 14 {
		return Prior{}, fmt.Errorf("release.json says version %q build %d build-id %q; want %s", was.Version, was.Build, was.BuildID, v)
	}
	sums, err := fs.ReadFile(pub, path.Join(dir, "SHA256SUMS"))
	if err != nil {
		return Prior{}, err
	}
	digests, err := parseSums(sums)
	if err != nil {
		return Prior{}, fmt.Errorf("SHA256SUMS: %w", err)
	}
	prior := Prior{Version: was.Version, Build: was.Build, BuildID: was.BuildID, MARs: map[string]map[string]PinnedMAR{}}
	for _, id := range sortedKeys(c.Platforms) {
		p := c.Platforms[id]
		locales, err := fs.ReadDir(pub, path.Join(dir, "update", p.Directory))
		if errors.Is(err, fs.ErrNotExist) {
			continue // a new platform has no history
		}
		if err != nil {
			return Prior{}, err
		}
		for _, l := range locales {
			name := marPath(p, l.Name(), c.Product, v.text)
			st, err := fs.Stat(pub, path.Join(dir, name))
			if err != nil {
				return Prior{}, err
			}
			digest, ok := digests[name]
			if !ok {
				return Prior{}, fmt.Errorf("%s is not in SHA256SUMS", name)
			}
			if prior.MARs[id] == nil {
				prior.MARs[id] = map[string]PinnedMAR{}
			}
			prior.MARs[id][l.Name()] = PinnedMAR{path.Join(dir, name), digest, st.Size()}
		}
	}
	return prior, nil
}

// parseSums reads the lines of sha256sum: 64 hex digits, two spaces, a path.
func parseSums(text []byte) (map[string]cache.Digest, error) {
	sums := map[string]cache.Digest{}
	for i, l := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		hex, name, ok := strings.Cut(l, "  ")
		d, err := cache.ParseDigest("sha256:" + hex)
		if !ok || err != nil {
			return nil, fmt.Errorf("line %d: %q: want 64 hex digits, two spaces, a path", i+1, l)
		}
		if _, twice := sums[name]; twice {
			return nil, fmt.Errorf("line %d: %q for the second time", i+1, name)
		}
		sums[name] = d
	}
	return sums, nil
}

// sums writes the lines that parseSums reads, by path.
func sums(hex map[string]string) []byte {
	names := sortedKeys(hex)
	sort.Strings(names)
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintf(&b, "%s  %s\n", hex[n], n)
	}
	return []byte(b.String())
}
