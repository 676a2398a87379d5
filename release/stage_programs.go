package release

import (
	"context"
	"errors"
	"fmt"
	"time"

	"slipway/cache"
	"slipway/release/pipeline"
	"slipway/signing"
	"slipway/signing/authenticode"
)

// codeSignArgs are what goes into a signature.
type codeSignArgs struct {
	Key         codeArgs `json:"key"`
	Description string   `json:"description,omitempty"`
	URL         string   `json:"url,omitempty"`
}

type programArgs struct {
	codeSignArgs
	Programs []string  `json:"programs"` // patterns
	Root     string    `json:"root"`
	Name     string    `json:"name"`
	When     time.Time `json:"when"`
}

// signPrograms puts signatures into the programs of a build. What follows,
// repacks, partners, updates, is made of the signed package: inner signatures
// come first.
func (g *graph) signPrograms(id string) {
	p, platform := g.plan, g.plan.Config.Platforms[id]
	if len(platform.Programs) == 0 {
		return
	}
	key, name := cell{id, sourceLocale}, g.packageName(id, sourceLocale)
	g.packages[key] = g.add(pipeline.Task{
		ID: "programs/" + id, Title: "sign the programs for " + platform.Title,
		Stage: stagePrograms, Kind: "sign-programs", Needs: []string{g.packages[key]}, Pool: "signing", Try: remote,
		Outputs: []string{name}, Platform: id, Locale: sourceLocale,
	}, programArgs{
		codeSignArgs: p.codeSignArgs(), Programs: platform.Programs,
		Root: platform.Root, Name: name, When: p.Date,
	})
}

func (p *Plan) codeSignArgs() codeSignArgs {
	a := p.Config.Signing.Authenticode
	return codeSignArgs{Key: p.codeArgs(), Description: a.Description, URL: a.URL}
}

func (e Env) programSigner(ctx context.Context, args codeSignArgs) (*signing.ProgramSigner, error) {
	key, err := e.codeKey(ctx, args.Key)
	if err != nil {
		return nil, signFailure(err, pipeline.Policy, "the code-signing key was refused")
	}
	s := &signing.ProgramSigner{Store: e.Store, Key: key, Options: authenticode.Options{Description: args.Description, URL: args.URL}}
	if args.Key.Timestamp != "" {
		s.Options.TSA = &authenticode.TSA{URL: args.Key.Timestamp}
	}
	return s, nil
}

func (e Env) signPrograms(ctx context.Context, c pipeline.Call, args programArgs) (pipeline.Result[packageFacts], error) {
	var none pipeline.Result[packageFacts]
	pkg, err := pipeline.Need[packageFacts](c, 0)
	if err != nil {
		return none, err
	}
	tree, err := e.tree(ctx, c, 0)
	if err != nil {
		return none, err
	}
	todo, err := programs(tree, args.Programs)
	if err != nil {
		return none, pipeline.Fail(pipeline.Input, "there is no program to sign", err)
	}
	s, err := e.programSigner(ctx, args.codeSignArgs)
	if err != nil {
		return none, err
	}
	for n, i := range todo {
		f := &tree.Entries[i]
		done, err := s.Sign(ctx, signing.ProgramJob{File: signing.File{Path: f.Path, Digest: f.Blob}, Key: args.Key.ID})
		if err != nil {
			return none, signFailure(err, pipeline.Input, "a program could not be signed")
		}
		if done.Kept {
			fmt.Fprintf(c.Log, "%s has our signature already\n", f.Path)
		} else {
			fmt.Fprintf(c.Log, "%s is signed\n", f.Path)
		}
		f.Blob, f.Size = done.Program.Digest, done.Program.Size
		c.Progress(int64(n+1), int64(len(todo)), "files")
	}
	return e.packed(ctx, tree, pkg.Facts.Format, args.Root, args.Name, args.When)
}

// signFailure: servers and hardware that do not answer may do so later.
func signFailure(err error, class pipeline.Class, cause string) error {
	switch {
	case pipeline.ClassOf(err) != pipeline.Unknown:
		return err
	case errors.As(err, new(*authenticode.TSAError)):
		class, cause = pipeline.Infra, "the timestamp server gave no timestamp"
	case errors.As(err, new(*signing.SignerError)):
		class, cause = pipeline.Infra, "the signer failed"
	}
	return pipeline.Fail(class, cause, err)
}

// programs are the places in a tree of what is signed.
func programs(tree cache.Tree, patterns []string) ([]int, error) {
	var found []int
	for i, f := range tree.Entries {
		if f.Link == "" && matches(patterns, f.Path) {
			found = append(found, i)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no file of %d matches %q (the platform's authenticode in slipway.yaml)", len(tree.Entries), patterns)
	}
	return found, nil
}
