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

// findPriors picks the releases that get partials: those asked for, or the
// newest of the same kind before v. Their completes are pinned by the
// release's own checksums. Whoever runs an older one gets a complete.
func findPriors(pub fs.FS, c Config, v Version, want []string) ([]Prior, []Client, error) {
	h := history{pub, c, v}
	_, older, err := h.others()
	if err != nil {
		return nil, nil, err
	}
	picked, err := h.usual(older)
	if want != nil {
		picked, err = h.asked(want)
	}
	if err != nil {
		return nil, nil, err
	}
	rest := slices.DeleteFunc(older, func(w Version) bool {
		return slices.ContainsFunc(picked, func(p Version) bool { return p.text == w.text })
	})
	priors, err := ofEach("prior release", picked, h.pin)
	clients, restErr := ofEach("prior release", rest, h.client)
	return priors, clients, errors.Join(err, restErr)
}

// findNewer lists the releases of the same kind that are out already: those of a
// later branch, when an earlier one is mended.
func findNewer(pub fs.FS, c Config, v Version) ([]string, error) {
	newer, _, err := history{pub, c, v}.others()
	return versionTexts(newer), err
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
