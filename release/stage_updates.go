package release

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"

	"slipway/cache"
	"slipway/release/pipeline"
	"slipway/updates"
)

// completeArgs make the MAR that installs a package over anything.
type completeArgs struct {
	Name            string `json:"name"`
	Root            string `json:"root"`
	ChannelID       string `json:"channel_id"`
	Version         string `json:"version"`
	BCJ             string `json:"bcj"`
	MakePrecomplete bool   `json:"make_precomplete,omitempty"`
}

type priorArgs struct {
	Publish string    `json:"publish"`
	MAR     PinnedMAR `json:"mar"`
}

// partialArgs make the MAR from one prior version; channel, version and filter
// are those of the complete, which it stands beside.
type partialArgs struct {
	Name   string   `json:"name"`
	Format string   `json:"format"`
	Force  []string `json:"force,omitempty"`
}

// marFacts describe a MAR. Dropped are the links, empty directories and manifests that it
// cannot hold; Exceeds is by how much a partial outgrew its complete.
type marFacts struct {
	Patches int      `json:"patches,omitempty"`
	Dropped []string `json:"dropped,omitempty"`
	Exceeds int64    `json:"exceeds,omitempty"`
}

const priorFile = "prior.mar"

// updates makes, for each locale of a platform, a complete and a partial from
// each prior release. A locale without history gets a complete only.
func (g *graph) updates(id string) {
	p, c := g.plan, g.plan.Config
	platform := c.Platforms[id]
	for _, code := range p.codes(id) {
		at, key := "updates/"+id+"/"+code, cell{id, code}
		name := marPath(platform, code, c.Product, p.Version)
		complete := g.add(pipeline.Task{
			ID: at + "/complete", Title: fmt.Sprintf("complete update of %s for %s", code, platform.Title),
			Stage: stageUpdates, Kind: "complete", Needs: []string{g.packages[key]}, Pool: "cpu", Try: slow,
			Outputs: []string{name}, Platform: id, Locale: code,
		}, completeArgs{
			Name: name, Root: platform.Root, ChannelID: c.Updates.MARChannel, Version: p.Version,
			BCJ: platform.BCJ, MakePrecomplete: c.Updates.MakePrecomplete,
		})
		g.mars[key] = []string{complete}
		for _, prior := range p.Priors {
			mar, ok := prior.MARs[id][code]
			if !ok {
				continue
			}
			old := g.add(pipeline.Task{
				ID: at + "/prior-" + prior.Version, Title: fmt.Sprintf("fetch the complete of %s in %s for %s", prior.Version, code, platform.Title),
				Stage: stageUpdates, Kind: "prior", Pool: "cpu", Outputs: []string{priorFile}, Platform: id, Locale: code,
			}, priorArgs{Publish: c.Publish.Directory, MAR: mar})
			partial := partialPath(platform, code, c.Product, prior.Version, p.Version)
			g.mars[key] = append(g.mars[key], g.add(pipeline.Task{
				ID: at + "/from-" + prior.Version, Title: fmt.Sprintf("partial update from %s in %s for %s", prior.Version, code, platform.Title),
				Stage: stageUpdates, Kind: "partial", Needs: []string{complete, old}, Pool: "cpu", Try: slow,
				Outputs: []string{partial}, Platform: id, Locale: code,
			}, partialArgs{Name: partial, Format: c.Updates.Format, Force: c.Updates.Force}))
		}
	}
}

// partialPath is where a partial lies below a candidate or a release. The
// prior version stands there without its build number.
func partialPath(p Platform, locale, product, from, to string) string {
	return path.Join("update", p.Directory, locale, product+"-"+from+"-"+to+".partial.mar")
}

func (e Env) complete(ctx context.Context, c pipeline.Call, args completeArgs) (pipeline.Result[marFacts], error) {
	var none pipeline.Result[marFacts]
	tree, err := e.application(ctx, c, args.Root)
	if err != nil {
		return none, err
	}
	b, done := e.updater(c)
	defer done()
	mar, err := b.Complete(ctx, updates.CompleteJob{
		Tree: tree, ChannelID: args.ChannelID, Version: args.Version, BCJ: args.BCJ,
		MakePrecomplete: args.MakePrecomplete, DropUncarriable: true,
	})
	if err != nil {
		return none, refused(err)
	}
	return marResult(c, args.Name, mar, marFacts{Dropped: mar.Dropped}), nil
}

// application is the tree below a package's root, as clients have it.
func (e Env) application(ctx context.Context, c pipeline.Call, root string) (cache.Digest, error) {
	tree, err := e.tree(ctx, c, 0)
	if err != nil {
		return "", err
	}
	sub, err := tree.Sub(root)
	if err != nil {
		return "", err
	}
	blob, err := e.Store.PutTree(ctx, sub)
	return blob.Digest, err
}

// prior brings a published complete into the cache. The plan has its digest;
// other bytes under its name are a clash, never an input.
func (e Env) prior(ctx context.Context, _ pipeline.Call, args priorArgs) (pipeline.Result[struct{}], error) {
	var none pipeline.Result[struct{}]
	f, err := os.Open(filepath.Join(Below(e.Root, args.Publish), filepath.FromSlash(args.MAR.Path)))
	if err != nil {
		return none, pipeline.Fail(pipeline.Infra, "a prior release could not be read", err)
	}
	defer f.Close()
	blob, err := e.Store.Put(ctx, f)
	if err != nil {
		return none, err
	}
	if blob.Digest != args.MAR.Digest {
		return none, pipeline.Fail(pipeline.Clash, "a prior release is not what it was when planned",
			fmt.Errorf("%s: got %s, the plan has %s", args.MAR.Path, blob.Digest, args.MAR.Digest))
	}
	return pipeline.Result[struct{}]{Files: []pipeline.File{file(priorFile, blob)}}, nil
}

func (e Env) partial(ctx context.Context, c pipeline.Call, args partialArgs) (pipeline.Result[marFacts], error) {
	var none pipeline.Result[marFacts]
	to, from := c.Needs[0].Files, c.Needs[1].Files
	if len(to) != 1 || len(from) != 1 {
		return none, errors.New("a partial needs one complete of each side")
	}
	b, done := e.updater(c)
	defer done()
	mar, err := b.Partial(ctx, updates.PartialJob{
		From: updates.Source{MAR: cache.Digest(from[0].Digest)}, To: updates.Source{MAR: cache.Digest(to[0].Digest)},
		Format: args.Format, Force: args.Force, CompleteSize: to[0].Size,
	})
	if err != nil {
		return none, refused(err)
	}
	return marResult(c, args.Name, mar, marFacts{Patches: mar.Patches, Exceeds: mar.Exceeds}), nil
}

func marResult(c pipeline.Call, name string, mar updates.MAR, facts marFacts) pipeline.Result[marFacts] {
	for _, note := range facts.notes() {
		fmt.Fprintln(c.Log, note)
	}
	return pipeline.Result[marFacts]{Files: []pipeline.File{file(name, cache.Blob{Digest: mar.Blob, Size: mar.Size})}, Facts: facts}
}

// refused: what clients' updaters would refuse stays refused, however often.
func refused(err error) error {
	var r *updates.Refusal
	if errors.As(err, &r) {
		return pipeline.Fail(pipeline.Input, "the updater would refuse this", err)
	}
	return err
}

// updater is a builder with a fair share of the processors: one of many tasks
// gets one, a task alone gets all. What is built does not depend on it. The
// second result gives the share back.
func (e Env) updater(c pipeline.Call) (*updates.Builder, func()) {
	share := runtime.GOMAXPROCS(0) / int(e.busy.Add(1))
	b := &updates.Builder{Store: e.Store, Workers: max(1, share), Progress: func(p updates.Progress) {
		c.Progress(int64(p.Done), int64(p.Total), "files")
	}}
	return b, func() { e.busy.Add(-1) }
}
