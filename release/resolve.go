package release

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"slipway/release/git"
	"slipway/repack"
)

// Request is a go to build: the product is known from the file, this is what
// the coordinator decides. Nothing in it may move.
type Request struct {
	Version   string
	Build     int
	Urgency   string            // routine or chemspill
	Revisions map[string]string // repository → full revision
	From      []string          // prior versions that get partials; nil: by the file
	Imports   map[string]Import // platform → prebuilt bytes, over those of the file
	Root      string            // from the plan's directory to the file's
}

// World is what resolving looks at.
type World struct {
	Git     *git.Git
	Root    string // absolute; relative paths of the file start here
	Publish fs.FS  // the publish directory
}

// Resolve pins everything that the file and the request leave open. All that
// is wrong is reported together.
func Resolve(ctx context.Context, c Config, req Request, w World) (*Plan, error) {
	v, err := ParseVersion(c.VersionScheme, req.Version)
	if err != nil {
		return nil, err
	}
	if req.Build < 1 || req.Build > 999 {
		return nil, fmt.Errorf("build number %d: want 1 for the first attempt at a version, 2 for its respin", req.Build)
	}
	if req.Urgency != "routine" && req.Urgency != "chemspill" {
		return nil, fmt.Errorf("urgency %q: want routine or chemspill", req.Urgency)
	}
	r := &resolver{c: c, req: req, world: w, version: v}
	return r.plan(ctx)
}

type resolver struct {
	c       Config
	req     Request
	world   World
	version Version
	main    *git.Mirror
	commit  git.Commit
}

func (r *resolver) plan(ctx context.Context) (*Plan, error) {
	rev := r.req.Revisions[mainRepository]
	if err := git.CheckRevision(rev); err != nil {
		return nil, fmt.Errorf("repository main: %w", err)
	}
	var err error
	if r.main, err = r.mirror(ctx, mainRepository); err != nil {
		return nil, err
	}
	if r.commit, err = r.main.Commit(ctx, rev); err != nil {
		return nil, err
	}
	v, c := r.version, r.c
	p := &Plan{
		Schema: planSchema, Candidate: CandidateName(c.Product, v, r.req.Build),
		Version: v.text, Build: r.req.Build, Urgency: r.req.Urgency,
		Date: r.commit.When, BuildID: BuildID(r.commit.When), Root: r.req.Root,
		Tags: PlannedTags{
			Build:   BuildTag(c.Tags.Prefix, v, r.req.Build),
			Release: ReleaseTag(c.Tags.Prefix, v),
			Branch:  BranchName(c.Tags.BranchPrefix, v, r.req.Build, r.commit.When),
		},
		Config: c,
	}
	var errs [10]error
	p.Locales, errs[0] = r.locales(ctx)
	p.Changes, errs[1] = r.changes(ctx)
	p.Imports, errs[2] = r.imports()
	p.Priors, p.Older, errs[3] = findPriors(r.world.Publish, c, v, r.req.From)
	p.Repositories, errs[4] = r.repositories(ctx, p)
	p.Partners, errs[5] = r.partners(ctx, p)
	p.MARKey, errs[6] = marKeyID(r.world.Root, c)
	p.Newer, errs[8] = findNewer(r.world.Publish, c, v)
	p.Watersheds, errs[7] = findWatersheds(r.world.Publish, c, v)
	p.CodeKey, errs[9] = codeKeyID(r.world.Root, c)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	return p, p.checkAnswers()
}

func (r *resolver) locales(ctx context.Context) ([]PlannedLocale, error) {
	list := r.c.Locales.List
	if list == "" {
		return nil, nil
	}
	text, err := r.main.ReadFile(ctx, r.commit.Revision, list)
	if err != nil {
		return nil, err
	}
	changesets, err := repack.ParseChangesets(list, text)
	if err != nil {
		return nil, err
	}
	planned, err := planLocales(changesets, r.c.Platforms)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", list, err)
	}
	m, err := r.mirror(ctx, r.c.Locales.Repository)
	if err != nil {
		return nil, err
	}
	var errs []error
	asked := map[string]bool{} // one l10n repository: usually all have one revision
	for _, l := range planned {
		if !asked[l.Revision] {
			asked[l.Revision] = true
			if err := m.Need(ctx, l.Revision); err != nil {
				errs = append(errs, fmt.Errorf("locale %s: %w", l.Code, err))
			}
		}
	}
	return planned, errors.Join(errs...)
}

// fillIn puts the candidate's names into a pattern of slipway.yaml.
func fillIn(pattern string, product, version string, build int, date time.Time) string {
	return strings.NewReplacer(
		"{product}", product, "{version}", version, "{build}", fmt.Sprint(build), "{build-id}", BuildID(date),
	).Replace(pattern)
}
