package release

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
)

// history reads the release directory of a product.
type history struct {
	pub     fs.FS
	c       Config
	version Version // that comes next
}

func (h history) dir(v Version) string { return path.Join(h.c.Product, "releases", v.text) }

// released lists everything that was released, newest first.
func released(pub fs.FS, c Config) ([]Version, error) {
	dirs, err := fs.ReadDir(pub, path.Join(c.Product, "releases"))
	if err != nil {
		return nil, notThere(err) // before the first release of all
	}
	var list []Version
	for _, d := range dirs {
		if w, err := ParseVersion(c.VersionScheme, d.Name()); err == nil {
			list = append(list, w)
		}
	}
	slices.SortFunc(list, func(a, b Version) int { return b.Compare(a) })
	return list, nil
}

// others lists the releases of the same kind above the version and below it,
// newest first.
func (h history) others() (newer, older []Version, err error) {
	all, err := released(h.pub, h.c)
	for _, w := range all {
		switch side := w.Compare(h.version); {
		case w.Kind() != h.version.Kind():
		case side > 0:
			newer = append(newer, w)
		case side < 0:
			older = append(older, w)
		}
	}
	return newer, older, err
}

// usual are the releases that get partials unless somebody names others. Who
// runs a release before the newest watershed is led there first, and is never
// offered a partial from here.
func (h history) usual(older []Version) ([]Version, error) {
	sheds, err := h.watersheds()
	older = slices.DeleteFunc(slices.Clone(older), func(w Version) bool { return len(sheds) > 0 && w.Compare(sheds[len(sheds)-1]) < 0 })
	return older[:min(len(older), *h.c.Updates.Priors)], err
}

// asked reads the versions that a person named.
func (h history) asked(want []string) ([]Version, error) {
	sheds, err := h.watersheds()
	if err != nil {
		return nil, err
	}
	var list []Version
	for _, text := range want {
		w, err := ParseVersion(h.c.VersionScheme, text)
		if err != nil {
			return nil, err
		}
		if w.Compare(h.version) >= 0 {
			return nil, fmt.Errorf("prior release %s is not older than %s", w, h.version)
		}
		if n := len(sheds); n > 0 && w.Compare(sheds[n-1]) < 0 {
			return nil, fmt.Errorf("prior release %s is before the watershed %s: nobody would be offered its partial", w, sheds[n-1])
		}
		if !slices.ContainsFunc(list, func(p Version) bool { return p.text == w.text }) {
			list = append(list, w)
		}
	}
	slices.SortFunc(list, func(a, b Version) int { return b.Compare(a) })
	return list, nil
}
