package release

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"slipway/release/git"
	"slipway/repack"
)

// partners finds the partner configurations at the pinned revision and says
// which platforms and locales each gets.
func (r *resolver) partners(ctx context.Context, p *Plan) ([]PlannedPartner, error) {
	name := r.c.Partners.Repository
	if name == "" || !slices.Contains(r.c.Partners.Kinds, r.version.Kind().String()) {
		return nil, nil
	}
	rev := r.req.Revisions[name]
	if git.CheckRevision(rev) != nil {
		return nil, nil // reported with the repositories
	}
	m, err := r.mirror(ctx, name)
	if err != nil {
		return nil, err
	}
	dirs, err := partnerDirs(ctx, m, rev, r.c.Partners.Directory)
	if err != nil {
		return nil, err
	}
	var list []PlannedPartner
	var errs []error
	seen := map[string]bool{}
	for _, dir := range dirs {
		id := strings.TrimPrefix(dir, r.c.Partners.Directory+"/")
		first, _, _ := strings.Cut(id, "/")
		asked := slices.Contains(r.c.Partners.Only, first)
		seen[first] = true
		if r.c.Partners.Only != nil && !asked {
			continue
		}
		text, err := m.ReadFile(ctx, rev, dir+"/repack.cfg")
		if err != nil {
			errs = append(errs, err)
			continue
		}
		cfg, err := repack.ParseRepackCfg(dir+"/repack.cfg", text)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if cfg.OEM && !asked {
			continue
		}
		planned, err := r.partner(id, dir, cfg, p.Locales)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s/repack.cfg: %w", dir, err))
			continue
		}
		list = append(list, planned)
	}
	for _, want := range r.c.Partners.Only {
		if !seen[want] {
			errs = append(errs, fmt.Errorf("partner %q is not in %s of repository %s", want, r.c.Partners.Directory, name))
		}
	}
	return list, errors.Join(errs...)
}

// partnerDirs are the directories with a repack.cfg: PARTNER or PARTNER/CONFIG.
func partnerDirs(ctx context.Context, m *git.Mirror, rev, top string) ([]string, error) {
	var found []string
	partners, err := m.Dirs(ctx, rev, top)
	if err != nil {
		return nil, err
	}
	for _, partner := range partners {
		dir := path.Join(top, partner)
		if _, err := m.ReadFile(ctx, rev, dir+"/repack.cfg"); err == nil {
			found = append(found, dir)
			continue
		}
		configs, err := m.Dirs(ctx, rev, dir)
		if err != nil {
			return nil, err
		}
		for _, c := range configs {
			if _, err := m.ReadFile(ctx, rev, dir+"/"+c+"/repack.cfg"); err == nil {
				found = append(found, dir+"/"+c)
			}
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s has no repack.cfg below %s at %s", m.Name, top, rev)
	}
	return found, nil
}

// partner maps what repack.cfg asks for to our platforms and locales. A
// configuration that comes to nothing is reported: silence would be found out
// after the release.
func (r *resolver) partner(id, dir string, cfg repack.RepackCfg, locales []PlannedLocale) (PlannedPartner, error) {
	p := PlannedPartner{Name: id, Directory: dir, Config: cfg}
	for _, ours := range sortedKeys(r.c.Platforms) {
		if slices.Contains(cfg.Platforms, r.c.Platforms[ours].PartnerID) {
			p.Platforms = append(p.Platforms, ours)
		}
	}
	if len(p.Platforms) == 0 {
		return p, fmt.Errorf("platforms %s: none is ours; see partner-id in slipway.yaml", strings.Join(cfg.Platforms, ", "))
	}
	var errs []error
	for _, code := range cfg.Locales {
		base := cfg.Base(code)
		if base != sourceLocale && !slices.ContainsFunc(locales, func(l PlannedLocale) bool { return l.Code == base }) {
			errs = append(errs, fmt.Errorf("locale %s is not in this release", base))
		}
	}
	return p, errors.Join(errs...)
}
