package repack

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	"slipway/cache"
)

// PartnerJob asks for a partner's build.
type PartnerJob struct {
	Archive  cache.Digest `json:"archive"` // the vanilla build of Config.Base(Locale)
	Format   Format       `json:"format"`
	AppRoot  string       `json:"app_root,omitempty"` // empty: the archive's only top directory
	Platform string       `json:"platform"`           // as repack.cfg names it: linux-x86_64, mac, win64
	Locale   string       `json:"locale"`
	Config   RepackCfg    `json:"config"`
	Files    cache.Digest `json:"files"` // the partner's directory: a [cache.Tree] as JSON
	When     time.Time    `json:"when"`
}

const (
	distributionDir = "distribution/"
	extensionsDir   = "extensions/"
	distributionIni = "distribution/distribution.ini"
)

// Partner adds a partner's files to a build, and nothing else: the archive it
// made is read again and compared with the vanilla one. Updates never touch
// these files, so partners take the vanilla updates.
func (r *Repacker) Partner(ctx context.Context, job PartnerJob) (Repacked, error) {
	out, err := r.partner(ctx, job)
	if err != nil {
		return Repacked{}, fmt.Errorf("partner build of %s for %s: %w", job.Locale, job.Platform, err)
	}
	return out, nil
}

func (r *Repacker) partner(ctx context.Context, job PartnerJob) (Repacked, error) {
	if err := job.wanted(); err != nil {
		return Repacked{}, err
	}
	vanilla, err := r.Unpack(ctx, job.Archive, job.Format)
	if err != nil {
		return Repacked{}, err
	}
	files, err := r.Store.Tree(ctx, job.Files)
	if err != nil {
		return Repacked{}, fmt.Errorf("the partner's files: %w", err)
	}
	place, err := placeOf(vanilla, job.AppRoot)
	if err != nil {
		return Repacked{}, err
	}
	added, ignored, err := r.additions(ctx, job, files, place)
	if err != nil {
		return Repacked{}, err
	}
	for _, e := range added {
		if _, there := vanilla.Lookup(e.Path); there {
			return Repacked{}, fmt.Errorf("%s is in the vanilla build already: partners only add files", e.Path)
		}
	}
	tree := cache.Tree{
		Entries: append(append([]cache.Entry(nil), vanilla.Entries...), added...),
		Dirs:    notFilled(vanilla.Dirs, added),
	}
	tree.Sort()
	out := Repacked{Format: job.Format, Ignored: ignored}
	if err := r.finish(ctx, &out, tree, job.When); err != nil {
		return Repacked{}, err
	}
	made, err := Unpack(ctx, r.Store, out.Archive.Digest, job.Format, r.Limits)
	if err != nil {
		return Repacked{}, fmt.Errorf("reading back: %w", err)
	}
	out.Changes = Diff(vanilla, made)
	return out, onlyAdds(out.Changes, place)
}

// wanted refuses builds that repack.cfg does not ask for.
func (j PartnerJob) wanted() error {
	locales, skipped := j.Config.Builds(j.Platform, true)
	for _, l := range locales {
		if l == j.Locale {
			return nil
		}
	}
	for _, s := range skipped {
		if s.Locale == j.Locale || s.Locale == "" {
			return fmt.Errorf("repack.cfg: %s", s.Why)
		}
	}
	return fmt.Errorf("repack.cfg has the locales %s, not %s", strings.Join(j.Config.Locales, ", "), j.Locale)
}

// placeOf is the directory that the product looks for distribution/ in: the
// app root, but the resources of a Mac bundle, whatever the bundle is called.
func placeOf(t cache.Tree, appRoot string) (string, error) {
	top := map[string]bool{}
	for _, e := range t.Entries {
		first, rest, _ := strings.Cut(e.Path, "/")
		if rest != "" {
			top[first] = true
		}
	}
	root := appRoot
	if root == "" {
		if len(top) != 1 {
			return "", fmt.Errorf("the archive has %d top directories: say which is the app root", len(top))
		}
		for d := range top {
			root = d
		}
	}
	if _, err := t.Sub(root); err != nil {
		return "", fmt.Errorf("app root: %w", err)
	}
	if bundle, _, _ := strings.Cut(root, "/"); strings.HasSuffix(bundle, ".app") {
		root = bundle + "/Contents/Resources"
	}
	return root, nil
}

// additions are the partner's files at their place in the archive.
func (r *Repacker) additions(ctx context.Context, job PartnerJob, files cache.Tree, place string) (added []cache.Entry, ignored []string, err error) {
	sawIni := false
	for _, e := range files.Entries {
		switch {
		case !strings.HasPrefix(e.Path, distributionDir) && !strings.HasPrefix(e.Path, extensionsDir):
			ignored = append(ignored, e.Path)
			continue
		case e.Link != "":
			return nil, nil, fmt.Errorf("%s is a symbolic link: partners add files", e.Path)
		case e.Path == distributionIni:
			sawIni = true
			if e, err = r.distributionIni(ctx, job, e); err != nil {
				return nil, nil, err
			}
		}
		e.Path = place + "/" + e.Path
		e.Mode = 0o644 // nothing that a partner adds is a program
		added = append(added, e)
	}
	if !sawIni {
		return nil, nil, fmt.Errorf("the partner's directory has no %s", distributionIni)
	}
	return added, ignored, nil
}

func (r *Repacker) distributionIni(ctx context.Context, job PartnerJob, e cache.Entry) (cache.Entry, error) {
	b, err := r.Store.Bytes(ctx, e.Blob, maxStrings)
	if err != nil {
		return e, err
	}
	d, err := ParseDistribution(e.Path, b)
	if err != nil {
		return e, err
	}
	if err := job.Config.Agrees(d); err != nil {
		return e, err
	}
	if b, err = d.extend(b, job.Config, job.Locale); err != nil {
		return e, err
	}
	blob, err := r.Store.PutBytes(ctx, b)
	e.Blob, e.Size = blob.Digest, blob.Size
	return e, err
}

// notFilled drops the directories that are no longer empty.
func notFilled(dirs []string, files []cache.Entry) (left []string) {
	filled := map[string]bool{}
	for _, e := range files {
		for d := parent(e.Path); d != "."; d = parent(d) {
			filled[d] = true
		}
	}
	for _, d := range dirs {
		if !filled[d] {
			left = append(left, d)
		}
	}
	return left
}

// onlyAdds is the proof: the changes are additions below the partner's two
// directories, or an empty directory that is no longer empty because of them.
func onlyAdds(changes []Change, place string) error {
	var errs []error
	for _, c := range changes {
		ours := strings.HasPrefix(c.Path, place+"/"+distributionDir) || strings.HasPrefix(c.Path, place+"/"+extensionsDir)
		if dir := strings.HasSuffix(c.Path, "/"); !ours || c.Kind != "added" && !(dir && c.Kind == "removed") {
			errs = append(errs, fmt.Errorf("%s: %s, and a partner only adds files", c.Path, c.Kind))
		}
	}
	sort.Slice(errs, func(i, j int) bool { return errs[i].Error() < errs[j].Error() })
	return errors.Join(errs...)
}
