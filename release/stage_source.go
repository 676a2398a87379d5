package release

import (
	"context"
	"path"
	"time"

	"slipway/cache"
	"slipway/release/pipeline"
	"slipway/repack"
)

type sourceArgs struct {
	URL    string        `json:"url"`
	Name   string        `json:"name"`
	Prefix string        `json:"prefix"` // the directory that everything lies in
	Format repack.Format `json:"format"`
	When   time.Time     `json:"when"`
}

// source archives main as it was tagged; "" when the product wants none.
func (g *graph) source() string {
	p := g.plan
	format := p.Config.Source.Archive
	if format == "none" {
		return ""
	}
	main, _ := p.repository(mainRepository)
	prefix := p.Config.Product + "-" + p.Version
	name := path.Join("source", prefix+".source."+format)
	return g.add(pipeline.Task{
		ID: "source", Title: "archive the source", Stage: stageSource, Kind: "source",
		Needs: []string{taggedMain}, Pool: "cpu", Outputs: []string{name},
	}, sourceArgs{URL: main.URL, Name: name, Prefix: prefix, Format: repack.Format(format), When: p.Date})
}

func (e Env) source(ctx context.Context, c pipeline.Call, args sourceArgs) (pipeline.Result[struct{}], error) {
	var none pipeline.Result[struct{}]
	m, rev, err := e.tagged(ctx, c, args.URL)
	if err != nil {
		return none, err
	}
	tree, err := m.Tree(ctx, e.Store, rev, "")
	if err != nil {
		return none, err
	}
	blob, err := repack.PackSource(ctx, e.Store, below(args.Prefix, tree), args.Format, args.When)
	if err != nil {
		return none, err
	}
	return pipeline.Result[struct{}]{Files: []pipeline.File{file(args.Name, blob)}}, nil
}

// below moves a tree into a directory.
func below(dir string, t cache.Tree) cache.Tree {
	var moved cache.Tree
	for _, e := range t.Entries {
		e.Path = path.Join(dir, e.Path)
		moved.Entries = append(moved.Entries, e)
	}
	for _, d := range t.Dirs {
		moved.Dirs = append(moved.Dirs, path.Join(dir, d))
	}
	moved.Sort()
	return moved
}

// file is a task's output under its name.
func file(name string, b cache.Blob) pipeline.File {
	return pipeline.File{Name: name, Digest: string(b.Digest), Size: b.Size}
}
