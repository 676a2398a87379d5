package release

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"slipway/updates/aus"
)

// watersheds are the releases that clients older than they must pass through,
// lowest first. One that is not older than the release that is planned, or of
// another kind, concerns other releases.
func (h history) watersheds() ([]Version, error) {
	var list []Version
	for _, text := range h.c.Updates.Watersheds {
		w, err := ParseVersion(h.c.VersionScheme, text)
		if err != nil {
			return nil, err
		}
		if w.Kind() == h.version.Kind() && w.Compare(h.version) < 0 {
			list = append(list, w)
		}
	}
	slices.SortFunc(list, func(a, b Version) int { return a.Compare(b) })
	return list, nil
}

// findWatersheds pins what each watershed offers: its release blob, held
// against the files that are published.
func findWatersheds(pub fs.FS, c Config, v Version) ([]aus.Offer, error) {
	h := history{pub, c, v}
	list, err := h.watersheds()
	if err != nil {
		return nil, err
	}
	return ofEach("watershed", list, h.offer)
}

// ofEach does a thing for each version and tells the errors of all by name.
func ofEach[T any](what string, list []Version, do func(Version) (T, error)) ([]T, error) {
	var all []T
	var errs []error
	for _, w := range list {
		x, err := do(w)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s %s: %w", what, w, err))
			continue
		}
		all = append(all, x)
	}
	return all, errors.Join(errs...)
}

// offer reads a release's blob, and proves that it is about its files.
func (h history) offer(v Version) (aus.Offer, error) {
	client, err := h.client(v)
	if err != nil {
		return aus.Offer{}, err
	}
	p := Plan{Config: h.c}
	at := path.Join(ausBase, "blobs", p.releaseName(client.Version, client.Build)+".json")
	text, err := fs.ReadFile(h.pub, at)
	if err != nil {
		return aus.Offer{}, err
	}
	blob, err := aus.ParseBlob(text)
	if err != nil {
		return aus.Offer{}, fmt.Errorf("%s: %w", at, err)
	}
	o, err := blob.Offer(p.ausPlatforms(), func(_, from string) string {
		if from == "*" {
			return path.Base(marPath(Platform{}, "", h.c.Product, v.text))
		}
		return path.Base(partialPath(Platform{}, "", h.c.Product, p.versionOf(from), v.text))
	})
	if err != nil {
		return o, fmt.Errorf("%s: %w", at, err)
	}
	if want := p.releaseName(client.Version, client.Build); o.Name != want || o.AppVersion != v.App() || strings.ToLower(blob.HashFunction) != ausHash {
		return o, fmt.Errorf("%s is about %s, version %s, by %s; want %s, %s, %s", at, o.Name, o.AppVersion, blob.HashFunction, want, v.App(), ausHash)
	}
	o.BuildNumber = client.Build
	return o, h.proveOffer(v, o)
}

func (h history) proveOffer(v Version, o aus.Offer) error {
	sums, err := fs.ReadFile(h.pub, path.Join(h.dir(v), "SHA512SUMS"))
	if err != nil {
		return err
	}
	lines := "\n" + string(sums)
	var errs []error
	prove := func(platform, locale string, m aus.MAR) {
		name := path.Join("update", h.c.Platforms[platform].Directory, locale, m.File)
		st, err := fs.Stat(h.pub, path.Join(h.dir(v), name))
		switch {
		case err != nil:
			errs = append(errs, err)
		case st.Size() != m.Size:
			errs = append(errs, fmt.Errorf("%s has %d bytes, its blob says %d", name, st.Size(), m.Size))
		case !strings.Contains(lines, "\n"+m.Hash+"  "+name+"\n"):
			errs = append(errs, fmt.Errorf("%s: SHA512SUMS does not have the blob's hash %s", name, m.Hash))
		}
	}
	for _, b := range o.Builds {
		for _, l := range b.Locales {
			prove(b.Platform, l.Name, l.Complete)
			for _, p := range l.Partials {
				prove(b.Platform, l.Name, p.MAR)
			}
		}
	}
	return errors.Join(errs...)
}

// versionOf takes a release's name apart: Skiff-1.0-build1 is of 1.0.
func (p *Plan) versionOf(name string) string {
	rest := strings.TrimPrefix(name, p.blobProduct()+"-")
	if i := strings.LastIndex(rest, "-build"); i >= 0 {
		return rest[:i]
	}
	return rest
}
