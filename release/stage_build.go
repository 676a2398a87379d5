package release

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"slipway/cache"
	"slipway/cache/filesystem"
	"slipway/release/git"
	"slipway/release/pipeline"
	"slipway/repack"
)

// buildArgs are all that a build's bytes depend on, besides the commit. The
// build number is not among them: a respin of the same commit is not rebuilt.
type buildArgs struct {
	stepArgs
	Format repack.Format `json:"format"`
	Root   string        `json:"root"`
	Name   string        `json:"name"`
	When   time.Time     `json:"when"`
	Twice  bool          `json:"twice,omitempty"`
}

// packageFacts describe a package: what a build or repack leaves.
type packageFacts struct {
	Tree   cache.Digest  `json:"tree"` // of the whole archive
	Format repack.Format `json:"format"`
	// Notes are for people: strings that a locale lacks, files not taken.
	Notes []string `json:"notes,omitempty"`
}

func (g *graph) build(id string) {
	p, c := g.plan, g.plan.Config.Platforms[id]
	name := g.packageName(id, sourceLocale)
	t := pipeline.Task{
		ID: "build/" + id, Title: "build " + c.Title, Stage: stageBuild, Kind: "build",
		Needs: []string{taggedMain}, Pool: c.Pool, Try: slow, Outputs: []string{name},
		Platform: id, Locale: sourceLocale,
	}
	t.Try.Transient = c.Transient
	g.packages[cell{id, sourceLocale}] = t.ID
	if c.Builder == "import" {
		t.Kind, t.Title, t.Try = "import", "import "+c.Title, remote
		g.add(t, importArgs{Import: p.Imports[id], Format: repack.Format(c.Archive), Root: c.Root, Name: name})
		return
	}
	g.add(t, buildArgs{
		stepArgs: g.steps(id, c.Steps, c.Output),
		Format:   repack.Format(c.Archive), Root: c.Root, Name: name, When: p.Date, Twice: c.Twice,
	})
}

func (e Env) build(ctx context.Context, c pipeline.Call, args buildArgs) (pipeline.Result[packageFacts], error) {
	var none pipeline.Result[packageFacts]
	m, rev, err := e.tagged(ctx, c, args.URL)
	if err != nil {
		return none, err
	}
	first, err := e.buildOnce(ctx, c, m, rev, args)
	if err != nil || !args.Twice {
		return first, err
	}
	second, err := e.buildOnce(ctx, c, m, rev, args)
	if err != nil {
		return none, err
	}
	return first, e.same(ctx, first, second)
}

// tagged opens the main repository, at the commit that the first need has tagged.
func (e Env) tagged(ctx context.Context, c pipeline.Call, url string) (*git.Mirror, string, error) {
	tag, err := pipeline.Need[tagFacts](c, 0)
	if err != nil {
		return nil, "", err
	}
	m, err := openMirror(ctx, e.Git, e.Root, mainRepository, url)
	return m, tag.Facts.Revision, err
}

func (e Env) buildOnce(ctx context.Context, c pipeline.Call, m *git.Mirror, rev string, args buildArgs) (res pipeline.Result[packageFacts], err error) {
	err = e.runSteps(ctx, c, m, rev, args.stepArgs, nil, func(output string) error {
		res, err = e.collect(ctx, output, args)
		return err
	})
	return res, err
}

// collect turns what the steps left into a package.
func (e Env) collect(ctx context.Context, output string, args buildArgs) (pipeline.Result[packageFacts], error) {
	var none pipeline.Result[packageFacts]
	st, err := os.Stat(output)
	if err != nil {
		return none, noOutput(args.Output, err)
	}
	if !st.IsDir() {
		f, err := filesystem.OpenRegular(output)
		if err != nil {
			return none, noOutput(args.Output, err)
		}
		defer f.Close()
		blob, err := e.Store.Put(ctx, f)
		if err != nil {
			return none, err
		}
		return e.unpacked(ctx, blob, args.Format, args.Root, args.Name)
	}
	tree, err := e.readTree(ctx, output)
	if err != nil {
		return none, err
	}
	return e.packed(ctx, tree, args.Format, args.Root, args.Name, args.When)
}

// packed writes a tree as a package.
func (e Env) packed(ctx context.Context, tree cache.Tree, f repack.Format, root, name string, when time.Time) (pipeline.Result[packageFacts], error) {
	var none pipeline.Result[packageFacts]
	if err := checkRoot(tree, root); err != nil {
		return none, err
	}
	desc, err := e.Store.PutTree(ctx, tree)
	if err != nil {
		return none, err
	}
	blob, err := repack.Pack(ctx, e.Store, tree, f, when)
	if err != nil {
		return none, err
	}
	return packageResult(name, blob, packageFacts{Tree: desc.Digest, Format: f}), nil
}

// unpacked takes an archive as it is, and looks inside.
func (e Env) unpacked(ctx context.Context, blob cache.Blob, f repack.Format, root, name string) (pipeline.Result[packageFacts], error) {
	var none pipeline.Result[packageFacts]
	tree, err := e.repacker().Unpack(ctx, blob.Digest, f)
	if err != nil {
		return none, pipeline.Fail(pipeline.Input, "the archive was refused", err)
	}
	if err := checkRoot(tree, root); err != nil {
		return none, err
	}
	desc, err := e.Store.PutTree(ctx, tree)
	if err != nil {
		return none, err
	}
	return packageResult(name, blob, packageFacts{Tree: desc.Digest, Format: f}), nil
}

func packageResult(name string, blob cache.Blob, facts packageFacts) pipeline.Result[packageFacts] {
	return pipeline.Result[packageFacts]{Files: []pipeline.File{file(name, blob)}, Facts: facts}
}

func checkRoot(t cache.Tree, root string) error {
	if _, err := t.Sub(root); err != nil {
		have := "nothing"
		if len(t.Entries) > 0 {
			have = fmt.Sprintf("%q and %d more", t.Entries[0].Path, len(t.Entries)-1)
		}
		return pipeline.Fail(pipeline.Input, "the package has no application directory",
			fmt.Errorf("the package has no directory %q (root in slipway.yaml); it has %s", root, have))
	}
	return nil
}

// same fails when two builds of one commit differ, and says where.
func (e Env) same(ctx context.Context, a, b pipeline.Result[packageFacts]) error {
	if a.Files[0].Digest == b.Files[0].Digest {
		return nil
	}
	x, err1 := e.Store.Tree(ctx, a.Facts.Tree)
	y, err2 := e.Store.Tree(ctx, b.Facts.Tree)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	err := errors.New("two builds of one commit differ")
	for _, d := range repack.Diff(x, y) {
		err = fmt.Errorf("%w; %s: %s", err, d.Path, d.Kind)
	}
	return pipeline.Fail(pipeline.Input, "the build is not reproducible", err)
}
