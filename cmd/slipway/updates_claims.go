package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"slipway/cache"
	"slipway/updates"
)

// claim is an update by the paths of its packages; from is "" for nothing.
type claim struct {
	name, from, mar, to string
	maxSize             int64
}

// packagesOf are the files that the claims are about.
func packagesOf(all []claim) []string {
	var paths []string
	for _, c := range all {
		paths = append(paths, c.mar, c.to)
		if c.from != "" {
			paths = append(paths, c.from)
		}
	}
	return paths
}

// claims lists what the MARs of a release directory say they do.
func claims(fresh string, olds []string) ([]claim, error) {
	packages, err := marsOf(fresh)
	if err != nil {
		return nil, err
	}
	var priors []marsIn
	for _, old := range olds {
		prior, err := marsOf(old)
		if err != nil {
			return nil, err
		}
		priors = append(priors, prior)
	}
	var out []claim
	for _, cell := range slices.Sorted(maps.Keys(packages.completes)) {
		to := packages.completes[cell]
		out = append(out, claim{name: cell + "/complete/on nothing", mar: to.path, to: to.path})
		partials := packages.partials[cell]
		for _, prior := range priors {
			was, ok := prior.completes[cell]
			if !ok {
				continue // a locale or platform that is new has no history
			}
			out = append(out, claim{name: cell + "/complete/on " + was.version, from: was.path, mar: to.path, to: to.path})
			for _, stem := range slices.Sorted(maps.Keys(partials)) {
				if strings.HasSuffix(stem, "-"+was.version+"-"+to.version) {
					out = append(out, claim{cell + "/partial/from " + was.version, was.path, partials[stem].path, to.path, to.size})
					delete(partials, stem)
				}
			}
		}
		for _, stem := range slices.Sorted(maps.Keys(partials)) {
			return nil, usage(fmt.Errorf("%s: no OLD holds the version of %s that it starts from", partials[stem].path, cell), "name its directory too")
		}
	}
	return out, nil
}

// selected are the claims that the job takes, by name.
func selected(all []claim, job updates.VerifyJob) ([]claim, error) {
	byName := map[string]claim{}
	for _, c := range all {
		byName[c.name] = c
		job.Updates = append(job.Updates, updates.Update{Name: c.name})
	}
	taken, err := job.Selected()
	if err != nil {
		return nil, usage(err, "slipway updates verify --help")
	}
	var out []claim
	for _, u := range taken {
		out = append(out, byName[u.Name])
	}
	return out, nil
}

// byDigest names the packages of the claims for b, which reads them where they
// are.
func byDigest(b *updates.Builder, all []claim) ([]updates.Update, error) {
	seen := map[string]cache.Digest{"": ""}
	var out []updates.Update
	for _, c := range all {
		for _, path := range []string{c.from, c.mar, c.to} {
			if _, ok := seen[path]; !ok {
				d, err := b.Borrow(path)
				if err != nil {
					return nil, err
				}
				seen[path] = d
			}
		}
		out = append(out, updates.Update{
			Name: c.name, From: updates.Source{MAR: seen[c.from]}, MAR: seen[c.mar], To: updates.Source{MAR: seen[c.to]}, MaxSize: c.maxSize,
		})
	}
	return out, nil
}

type marFile struct {
	path, version string
	size          int64
}

// marsIn are the packages below a release directory, by "PLATFORM/LOCALE";
// partials also by their name, PRODUCT-FROM-VERSION.
type marsIn struct {
	completes map[string]marFile
	partials  map[string]map[string]marFile
}

func marsOf(dir string) (marsIn, error) {
	m := marsIn{completes: map[string]marFile{}, partials: map[string]map[string]marFile{}}
	root := os.DirFS(dir)
	err := fs.WalkDir(root, "update", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(p) != ".mar" {
			return err
		}
		info, err := fs.Stat(root, p) // of what a link leads to
		if err == nil && !info.Mode().IsRegular() {
			err = fmt.Errorf("%s is no plain file", p)
		}
		if err != nil {
			return err
		}
		return m.add(strings.TrimPrefix(path.Dir(p), "update/"), marFile{path: filepath.Join(dir, filepath.FromSlash(p)), size: info.Size()})
	})
	if err == nil && len(m.completes) == 0 {
		err = fmt.Errorf("no complete MAR below update/")
	}
	for cell := range m.partials {
		if _, ok := m.completes[cell]; err == nil && !ok {
			err = fmt.Errorf("partials of %s without a complete", cell)
		}
	}
	if err != nil {
		return m, usage(fmt.Errorf("%s: %w", dir, err), "slipway updates verify --help")
	}
	return m, nil
}

// add takes a package in by its name.
func (m marsIn) add(cell string, f marFile) error {
	stem, complete := strings.CutSuffix(filepath.Base(f.path), ".complete.mar")
	if complete {
		if _, twice := m.completes[cell]; twice {
			return fmt.Errorf("%s: a second complete of %s", f.path, cell)
		}
		f.version = versionIn(stem)
		m.completes[cell] = f
		return nil
	}
	stem, partial := strings.CutSuffix(stem, ".partial.mar")
	if !partial || strings.Count(stem, "-") < 2 {
		return fmt.Errorf("%s: want PRODUCT-VERSION.complete.mar or PRODUCT-FROM-VERSION.partial.mar", f.path)
	}
	if m.partials[cell] == nil {
		m.partials[cell] = map[string]marFile{}
	}
	if _, twice := m.partials[cell][stem]; twice {
		return fmt.Errorf("%s: a second partial of %s by this name", f.path, cell)
	}
	m.partials[cell][stem] = f
	return nil
}

// versionIn returns the version of a name PRODUCT-VERSION. Either may have a dash,
// as 1.4.0-rc.1 has, but a version begins with a digit.
func versionIn(stem string) string {
	for i := range len(stem) - 1 {
		if stem[i] == '-' && '0' <= stem[i+1] && stem[i+1] <= '9' {
			return stem[i+1:]
		}
	}
	return stem[strings.LastIndex(stem, "-")+1:]
}
