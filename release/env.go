package release

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"slipway/cache"
	"slipway/release/git"
	"slipway/release/pipeline"
	"slipway/release/text"
	"slipway/repack"
)

// Env is what the kinds work with: where things are, and the clock. Nothing in
// it may influence the bytes of a result.
type Env struct {
	Store *cache.Store
	Git   *git.Git
	Root  string // absolute: relative paths of a plan start here
	State string // for notes that outlive a run, and for build directories
	Cache string // where Store keeps its bytes: the preflight asks for room there
	Now   func() time.Time
	// Secrets learns every secret that a task opens, so that whoever writes
	// logs can take them out; may be nil.
	Secrets *text.Secrets

	busy *atomic.Int32 // tasks that make or prove updates now
}

// Kinds are the functions behind the tasks of [Graph].
func Kinds(e Env) pipeline.Registry {
	if abs, err := filepath.Abs(e.State); err == nil {
		e.State = abs // build steps run elsewhere
	}
	e.busy = new(atomic.Int32)
	r := pipeline.Registry{}
	for _, k := range []pipeline.Kind{
		pipeline.Typed("tag", 1, e.tag, e.tagProbe),
		pipeline.Typed("source", 1, e.source, nil),
		pipeline.Typed("build", 1, e.build, nil),
		pipeline.Typed("import", 1, e.importPackage, nil),
		pipeline.Typed("sign-programs", 1, e.signPrograms, nil),
		pipeline.Typed("repack-locale", 1, e.repackLocale, nil),
		pipeline.Typed("repack-partner", 1, e.repackPartner, nil),
		pipeline.Typed("installer", 1, e.installer, nil),
		pipeline.Typed("complete", 1, e.complete, nil),
		pipeline.Typed("prior", 1, e.prior, nil),
		pipeline.Typed("partial", 1, e.partial, nil),
		pipeline.Typed("sign-mar", 1, e.signMARs, nil),
		pipeline.Typed("sign", 1, e.sign, nil),
		pipeline.Typed("checksums", 1, e.checksums, nil),
		pipeline.Typed("snippets", 1, e.snippets, nil),
		pipeline.Typed("publish-snippets", 1, e.publishSnippets, nil),
		pipeline.Typed("rollout", 1, e.rollout, nil),
		pipeline.Typed("publish", 1, e.publish, e.publishProbe),
		pipeline.Typed("publish-candidate", 1, e.publishCandidate, nil),
		pipeline.Typed("verify-updates", 1, e.verifyUpdates, nil),
		pipeline.Typed("verify-locales", 1, e.verifyLocales, nil),
		pipeline.Typed("verify-programs", 1, e.verifyPrograms, nil),
		pipeline.Typed("verify-candidates", 1, e.verifyCandidates, nil),
		pipeline.Typed("verify-signatures", 1, e.verifySignatures, nil),
		pipeline.Typed("release", 1, e.release, nil),
		pipeline.Typed("upload", 1, e.upload, nil),
		pipeline.Typed("product-details", 1, e.productDetails, nil),
		pipeline.Typed("mail", 1, e.mail, e.mailProbe),
	} {
		r[k.Name] = k
	}
	return r
}

// tree is the tree of a package that a need left. The cache may have been
// trimmed below it: the package itself was seen to be there, so it is taken
// apart again.
func (e Env) tree(ctx context.Context, c pipeline.Call, i int) (cache.Tree, error) {
	pkg, err := pipeline.Need[packageFacts](c, i)
	if err != nil {
		return cache.Tree{}, err
	}
	tree, err := e.Store.Tree(ctx, pkg.Facts.Tree)
	missing := func(f cache.Entry) bool { return f.Link == "" && !e.Store.Has(f.Blob) }
	if err == nil && !slices.ContainsFunc(tree.Entries, missing) {
		return tree, nil
	}
	if err != nil && !errors.Is(err, cache.ErrMissing) {
		return cache.Tree{}, err
	}
	if len(pkg.Files) != 1 {
		return cache.Tree{}, fmt.Errorf("%s left %d files, want one package", c.Task.Needs[i], len(pkg.Files))
	}
	return repack.Unpack(ctx, e.Store, cache.Digest(pkg.Files[0].Digest), pkg.Facts.Format, repack.DefaultLimits())
}

func (e Env) repacker() *repack.Repacker { return &repack.Repacker{Store: e.Store} }

// scratch is a task's own directory for work that needs real files.
func (e Env) scratch(c pipeline.Call) string {
	return filepath.Join(e.State, "scratch", short(c.Key))
}
