package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"slipway/cache"
	"slipway/release/pipeline"
)

// releaseArgs turn the candidate into the release: the same bytes under
// another name.
type releaseArgs struct {
	Publish   string `json:"publish"`
	Candidate string `json:"candidate"` // directory
	Release   string `json:"release"`
	Partners  string `json:"partners"` // where partner builds go
	Version   string `json:"version"`
	// Planned is looked at here too: once pushed, a version is not respun.
	Planned planned `json:"planned"`
}

func (g *graph) release(candidates string) string {
	p := g.plan
	return g.add(pipeline.Task{
		ID: "publish/releases", Title: "push the candidate to the release directory", Stage: stagePush, Kind: "release",
		Needs: []string{stagePush, candidates}, Pool: "publish", Effect: pipeline.Idempotent, Try: remote,
	}, releaseArgs{
		Publish: p.Config.Publish.Directory, Candidate: p.candidateBase(), Release: p.releaseBase(),
		Partners: p.partnersBase(), Version: p.Version, Planned: p.planned(),
	})
}

// target is where a candidate's file goes, or "" when it stays behind.
func (a releaseArgs) target(p string) string {
	rest, ok := strings.CutPrefix(p, a.Candidate+"/")
	if !ok {
		return "" // private partner builds are delivered already
	}
	partner, ok := strings.CutPrefix(rest, "partner-repacks/")
	if !ok {
		return path.Join(a.Release, rest)
	}
	// PARTNER/CONFIG/v1/… becomes PARTNER/CONFIG/VERSION/…
	name, file, _ := strings.Cut(partner, "/v1/")
	return path.Join(a.Partners, name, a.Version, file)
}

// release copies what QA tested, from where QA tested it, and holds every byte
// to the list that was approved.
func (e Env) release(ctx context.Context, c pipeline.Call, args releaseArgs) (pipeline.Result[struct{}], error) {
	var res pipeline.Result[struct{}]
	list, err := e.candidate(ctx, c.Needs[1])
	if err != nil {
		return res, err
	}
	s, err := e.offerSite(c, args.Publish, args.Planned)
	if err != nil {
		return res, err
	}
	// release.json first: it claims the directory, so two builds never mix there.
	slices.SortStableFunc(list, func(a, b placed) int { return releaseFirst(a) - releaseFirst(b) })
	for i, f := range list {
		if to := args.target(f.Path); to != "" {
			err = errors.Join(err, s.copy(f, to))
		}
		if err != nil || ctx.Err() != nil {
			break
		}
		c.Progress(int64(i+1), int64(len(list)), "files")
	}
	return res, errors.Join(err, ctx.Err(), s.close())
}

func releaseFirst(f placed) int {
	if path.Base(f.Path) == releaseJSON {
		return 0
	}
	return 1
}

func (s *site) copy(f placed, to string) error {
	in, err := s.root.Open(f.Path)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := s.place(to, in, f.Digest); err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	return nil
}

// maxList bounds the list of a candidate: 20,000 files of 300 bytes.
const maxList = 16 << 20

// candidate reads the list that publishing left.
func (e Env) candidate(ctx context.Context, r pipeline.Raw) ([]placed, error) {
	if len(r.Files) != 1 || r.Files[0].Name != candidateList {
		return nil, fmt.Errorf("want one file %s, got %d files", candidateList, len(r.Files))
	}
	text, err := e.Store.Bytes(ctx, cache.Digest(r.Files[0].Digest), maxList)
	if err != nil {
		return nil, err
	}
	var list []placed
	err = json.Unmarshal(text, &list)
	return list, err
}

// recall brings a published file back into a cache that was trimmed.
func (e Env) recall(ctx context.Context, dir string, f placed) error {
	if e.Store.Has(f.Digest) {
		return nil
	}
	in, err := os.Open(filepath.Join(dir, filepath.FromSlash(f.Path)))
	if err != nil {
		return err
	}
	defer in.Close()
	blob, err := e.Store.Put(ctx, in)
	if err == nil && blob.Digest != f.Digest {
		err = fmt.Errorf("%s: got %s, want %s", f.Path, blob.Digest, f.Digest)
	}
	return err
}

// compareCandidate looks for what is missing, stray or different in the
// candidate's directory.
func compareCandidate(dir, base string, list []placed) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	s := &site{root: root}
	want := map[string]bool{}
	var errs []error
	for _, f := range list {
		if want[f.Path] {
			errs = append(errs, fmt.Errorf("duplicate %s: two tasks left it", f.Path))
		}
		want[f.Path] = true
		there, err := s.has(f.Path, f.Digest)
		if !there && err == nil {
			err = fmt.Errorf("missing %s", f.Path)
		}
		errs = append(errs, err)
	}
	err = fs.WalkDir(root.FS(), base, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !want[p] {
			errs = append(errs, fmt.Errorf("stray %s: no task left it", p))
		}
		return err
	})
	return errors.Join(errors.Join(errs...), err, root.Close())
}
