package release

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"slipway/cache"
)

// releaseJSON lies beside a release's files.
const releaseJSON = "release.json"

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

// history reads the release directory of a product.
type history struct {
	pub     fs.FS
	c       Config
	version Version // that comes next
}

func (h history) dir(v Version) string { return path.Join(h.c.Product, "releases", v.text) }

// findPriors picks the releases that get partials: those asked for, or the
// newest of the same kind before v. Their completes are pinned by the
// release's own checksums. Whoever runs an older one gets a complete.
func findPriors(pub fs.FS, c Config, v Version, want []string) ([]Prior, []Client, error) {
	h := history{pub, c, v}
	all, err := h.others(olderThan)
	if err != nil {
		return nil, nil, err
	}
	sheds, err := h.watersheds()
	if err != nil {
		return nil, nil, err
	}
	// Who runs a release before the newest watershed is led there first, and is
	// never offered a partial from here.
	led := func(w Version) bool { return len(sheds) > 0 && w.Compare(sheds[len(sheds)-1]) < 0 }
	picked := slices.DeleteFunc(slices.Clone(all), led)
	picked = picked[:min(len(picked), *c.Updates.Priors)]
	if want != nil {
		if picked, err = h.asked(want); err != nil {
			return nil, nil, err
		}
		if i := slices.IndexFunc(picked, led); i >= 0 {
			return nil, nil, fmt.Errorf("prior release %s is before the watershed %s: nobody would be offered its partial", picked[i], sheds[len(sheds)-1])
		}
	}
	rest := slices.DeleteFunc(all, func(w Version) bool {
		return slices.ContainsFunc(picked, func(p Version) bool { return p.text == w.text })
	})
	priors, err := ofEach("prior release", picked, h.pin)
	older, olderErr := ofEach("prior release", rest, h.client)
	return priors, older, errors.Join(err, olderErr)
}

// findNewer lists the releases of the same kind that are out already: those of a
// later branch, when an earlier one is mended.
func findNewer(pub fs.FS, c Config, v Version) ([]string, error) {
	all, err := history{pub, c, v}.others(newerThan)
	var names []string
	for _, w := range all {
		names = append(names, w.text)
	}
	return names, err
}

// Which releases history.others lists: those before the version, or behind it.
const (
	olderThan = -1
	newerThan = 1
)

// others lists the releases of the same kind below the version, or above it,
// newest first.
func (h history) others(side int) ([]Version, error) {
	dirs, err := fs.ReadDir(h.pub, path.Join(h.c.Product, "releases"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // the first release of all
	}
	if err != nil {
		return nil, err
	}
	var list []Version
	for _, d := range dirs {
		w, err := ParseVersion(h.c.VersionScheme, d.Name())
		if err == nil && w.Kind() == h.version.Kind() && w.Compare(h.version) == side {
			list = append(list, w)
		}
	}
	slices.SortFunc(list, func(a, b Version) int { return b.Compare(a) })
	return list, nil
}

// asked reads the versions that a person named.
func (h history) asked(want []string) ([]Version, error) {
	var list []Version
	for _, text := range want {
		w, err := ParseVersion(h.c.VersionScheme, text)
		if err != nil {
			return nil, err
		}
		if w.Compare(h.version) >= 0 {
			return nil, fmt.Errorf("prior release %s is not older than %s", w, h.version)
		}
		if !slices.ContainsFunc(list, func(p Version) bool { return p.text == w.text }) {
			list = append(list, w)
		}
	}
	slices.SortFunc(list, func(a, b Version) int { return b.Compare(a) })
	return list, nil
}

// client reads what a release says of itself, and which locales it has.
func (h history) client(v Version) (Client, error) {
	text, err := fs.ReadFile(h.pub, path.Join(h.dir(v), releaseJSON))
	if err != nil {
		return Client{}, err
	}
	var was published
	if err := json.Unmarshal(text, &was); err != nil {
		return Client{}, fmt.Errorf("release.json: %w", err)
	}
	if was.Version != v.text || was.Build < 1 || len(was.BuildID) != 14 {
		return Client{}, fmt.Errorf("release.json says version %q build %d build-id %q; want %s", was.Version, was.Build, was.BuildID, v)
	}
	c := Client{Version: was.Version, Build: was.Build, BuildID: was.BuildID, Locales: map[string][]string{}}
	for _, id := range sortedKeys(h.c.Platforms) {
		locales, err := fs.ReadDir(h.pub, path.Join(h.dir(v), "update", h.c.Platforms[id].Directory))
		if errors.Is(err, fs.ErrNotExist) {
			continue // a new platform has no history
		}
		if err != nil {
			return Client{}, err
		}
		for _, l := range locales {
			c.Locales[id] = append(c.Locales[id], l.Name())
		}
	}
	return c, nil
}

// pin names the bytes of a release's completes.
func (h history) pin(v Version) (Prior, error) {
	c, err := h.client(v)
	if err != nil {
		return Prior{}, err
	}
	sums, err := fs.ReadFile(h.pub, path.Join(h.dir(v), "SHA256SUMS"))
	if err != nil {
		return Prior{}, err
	}
	digests, err := parseSums(sums)
	if err != nil {
		return Prior{}, fmt.Errorf("SHA256SUMS: %w", err)
	}
	prior := Prior{Version: c.Version, Build: c.Build, BuildID: c.BuildID, MARs: map[string]map[string]PinnedMAR{}}
	for id, locales := range c.Locales {
		prior.MARs[id] = map[string]PinnedMAR{}
		for _, code := range locales {
			name := marPath(h.c.Platforms[id], code, h.c.Product, v.text)
			at := path.Join(h.dir(v), name)
			st, err := fs.Stat(h.pub, at)
			if err != nil {
				return Prior{}, err
			}
			digest, ok := digests[name]
			if !ok {
				return Prior{}, fmt.Errorf("%s is not in SHA256SUMS", name)
			}
			prior.MARs[id][code] = PinnedMAR{at, digest, st.Size()}
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
	var b strings.Builder
	for _, n := range sortedKeys(hex) {
		fmt.Fprintf(&b, "%s  %s\n", hex[n], n)
	}
	return []byte(b.String())
}
