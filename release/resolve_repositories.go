package release

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"slipway/release/git"
)

func (r *resolver) mirror(ctx context.Context, name string) (*git.Mirror, error) {
	return openMirror(ctx, r.world.Git, r.world.Root, name, r.c.Repositories[name].URL)
}

// openMirror resolves a relative path first: a mirror does not know where
// slipway.yaml lies.
func openMirror(ctx context.Context, g *git.Git, root, name, url string) (*git.Mirror, error) {
	if !strings.Contains(url, ":") && !filepath.IsAbs(url) {
		url = filepath.Join(root, url)
	}
	return g.Mirror(ctx, name, url)
}

// repositories pins each repository: by the request, or for translations by
// the list when all locales agree.
func (r *resolver) repositories(ctx context.Context, p *Plan) ([]PlannedRepository, error) {
	var list []PlannedRepository
	var errs []error
	for name := range r.req.Revisions {
		if _, ok := r.c.Repositories[name]; !ok {
			errs = append(errs, fmt.Errorf("revision for %q, which is no repository%s", name, suggest(name, sortedKeys(r.c.Repositories))))
		}
	}
	for _, name := range sortedKeys(r.c.Repositories) {
		rev := r.req.Revisions[name]
		if rev == "" && name == r.c.Locales.Repository {
			rev = commonRevision(p.Locales)
		}
		if rev == "" {
			errs = append(errs, fmt.Errorf("repository %s has no revision: add --rev %s=REVISION", name, name))
			continue
		}
		pinned, err := r.pin(ctx, name, rev, p.Tags)
		if err != nil {
			errs = append(errs, fmt.Errorf("repository %s: %w", name, err))
			continue
		}
		list = append(list, pinned)
	}
	return list, errors.Join(errs...)
}

func (r *resolver) pin(ctx context.Context, name, rev string, tags PlannedTags) (PlannedRepository, error) {
	pinned := PlannedRepository{Name: name, URL: r.c.Repositories[name].URL, Revision: rev}
	if err := git.CheckRevision(rev); err != nil {
		return pinned, err
	}
	m, err := r.mirror(ctx, name)
	if err != nil {
		return pinned, err
	}
	if err := m.Need(ctx, rev); err != nil {
		return pinned, err
	}
	if r.req.Build > 1 {
		pinned.Leave, err = formerCandidate(ctx, m, tags, r.req.Build)
	}
	return pinned, err
}

// formerCandidate is the commit that the release tag marks, when an earlier
// candidate of this version marks it too: only then may a respin move the tag.
func formerCandidate(ctx context.Context, m *git.Mirror, tags PlannedTags, build int) (string, error) {
	base := strings.TrimSuffix(tags.Release, "RELEASE")
	marks, err := m.Tags(ctx, base)
	if err != nil {
		return "", err
	}
	for n := build - 1; n > 0; n-- {
		if at := marks[fmt.Sprintf("%sBUILD%d", base, n)]; at != "" && at == marks[tags.Release] {
			return at, nil
		}
	}
	return "", nil
}

func commonRevision(locales []PlannedLocale) string {
	if len(locales) == 0 {
		return ""
	}
	rev := locales[0].Revision
	if slices.ContainsFunc(locales, func(l PlannedLocale) bool { return l.Revision != rev }) {
		return ""
	}
	return rev
}
