package release

import (
	"context"
	"errors"
	"fmt"

	"slipway/cache"
	"slipway/release/pipeline"
	"slipway/signing"
)

// verifyProgramArgs ask that every program of the needs is signed.
type verifyProgramArgs struct {
	Certificate string   `json:"certificate"`
	ID          string   `json:"id"`
	Timestamped bool     `json:"timestamped,omitempty"`
	Programs    []string `json:"programs"`
}

// verifyPrograms looks into every package of a platform, the partners' too.
func (g *graph) verifyPrograms(id string) string {
	p := g.plan
	t := pipeline.Task{
		ID: "verify/" + id + "/programs", Title: "verify the signatures of the programs for " + p.Config.Platforms[id].Title,
		Stage: stageVerify, Kind: "verify-programs", Pool: "cpu", Platform: id,
	}
	for _, code := range p.codes(id) {
		t.Needs = append(t.Needs, g.packages[cell{id, code}])
	}
	for _, made := range g.tasks {
		if made.Stage == stagePartner && made.Platform == id {
			t.Needs = append(t.Needs, made.ID)
		}
	}
	key := p.codeArgs()
	return g.add(t, verifyProgramArgs{
		Certificate: key.Certificate, ID: key.ID, Timestamped: key.Timestamp != "", Programs: p.Config.Platforms[id].Programs,
	})
}

func (e Env) verifyPrograms(ctx context.Context, c pipeline.Call, args verifyProgramArgs) (pipeline.Result[int], error) {
	var res pipeline.Result[int]
	chain, err := e.codeChain(args.Certificate, args.ID)
	if err != nil {
		return res, err
	}
	var errs []error
	seen := map[cache.Digest]bool{} // most locales have the same programs
	for i := range c.Needs {
		tree, err := e.tree(ctx, c, i)
		if err != nil {
			return res, err
		}
		found, err := programs(tree, args.Programs)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", c.Task.Needs[i], err))
		}
		for _, at := range found {
			f := tree.Entries[at]
			if seen[f.Blob] {
				continue
			}
			seen[f.Blob] = true
			if err := signing.VerifyProgram(ctx, e.Store, f.Blob, chain[0], args.Timestamped, e.Now()); err != nil {
				errs = append(errs, fmt.Errorf("%s: %s: %w", c.Task.Needs[i], f.Path, err))
			}
		}
		c.Progress(int64(i+1), int64(len(c.Needs)), "packages")
	}
	res.Facts = len(seen)
	fmt.Fprintf(c.Log, "%d different programs in %d packages\n", len(seen), len(c.Needs))
	return res, pipeline.Fail(pipeline.Input, "a program is not signed as it must be", errors.Join(errs...))
}
