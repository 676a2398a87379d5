package release

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"slipway/cache"
	"slipway/cache/filesystem"
	"slipway/release/pipeline"
	"slipway/signing"
)

// installerArgs make one file of a package.
type installerArgs struct {
	stepArgs
	Name string        `json:"name"` // below the candidate
	Sign *codeSignArgs `json:"sign,omitempty"`
}

// allInstallers makes what people install from of every package of a platform, the
// partners' too. The programs inside are signed by then; the updates know
// nothing of installers.
func (g *graph) allInstallers(id string) {
	if len(g.plan.Config.Platforms[id].Installers) == 0 {
		return
	}
	for _, code := range g.plan.codes(id) {
		g.installersOf(g.packages[cell{id, code}], id, code, "")
	}
	for _, t := range g.tasks {
		if t.Stage == stagePartner && t.Platform == id {
			g.installersOf(t.ID, id, t.Locale, g.partnerOf[t.ID].Name)
		}
	}
}

func (g *graph) installersOf(pkg, id, code, partner string) {
	p, platform := g.plan, g.plan.Config.Platforms[id]
	try := slow
	try.Transient = platform.Transient
	for _, name := range sortedKeys(platform.Installers) {
		i := platform.Installers[name]
		args := installerArgs{
			stepArgs: g.steps(id, i.Steps, i.Output),
			Name:     path.Join(path.Dir(g.outputs[pkg][0]), g.fill(i.Name)),
		}
		args.Directory, args.Env["SLIPWAY_LOCALE"], args.Env["SLIPWAY_PARTNER"] = i.Directory, code, partner
		if i.Authenticode {
			sign := p.codeSignArgs()
			args.Sign = &sign
		}
		whose := ""
		if partner != "" {
			whose = " of " + partner
		}
		g.installers[pkg] = append(g.installers[pkg], g.add(pipeline.Task{
			ID:    path.Join("installer", id, code, partner, name),
			Title: fmt.Sprintf("make %s%s for %s in %s", name, whose, platform.Title, code),
			Stage: stageInstall, Lane: partner, Kind: "installer", Needs: []string{taggedMain, pkg}, Pool: platform.Pool, Try: try,
			Outputs: []string{args.Name}, Platform: id, Locale: code,
		}, args))
	}
}

func (e Env) installer(ctx context.Context, c pipeline.Call, args installerArgs) (pipeline.Result[struct{}], error) {
	var none pipeline.Result[struct{}]
	m, rev, err := e.tagged(ctx, c, args.URL)
	if err != nil {
		return none, err
	}
	pkg := c.Needs[1].Files[0]
	bring := func(dir string) ([]string, error) {
		at := filepath.Join(dir, "package", path.Base(pkg.Name))
		return []string{"SLIPWAY_PACKAGE=" + at}, e.lay(ctx, cache.Digest(pkg.Digest), at)
	}
	var made cache.Blob
	err = e.runSteps(ctx, c, m, rev, args.stepArgs, bring, func(output string) error {
		f, err := filesystem.OpenRegular(output)
		if err != nil {
			return noOutput(args.Output, err)
		}
		defer f.Close()
		made, err = e.Store.Put(ctx, f)
		return err
	})
	if err == nil && args.Sign != nil {
		made, err = e.signInstaller(ctx, args, made)
	}
	if err != nil {
		return none, err
	}
	return pipeline.Result[struct{}]{Files: []pipeline.File{file(args.Name, made)}}, nil
}

func (e Env) signInstaller(ctx context.Context, args installerArgs, made cache.Blob) (cache.Blob, error) {
	s, err := e.programSigner(ctx, *args.Sign)
	if err != nil {
		return made, err
	}
	done, err := s.Sign(ctx, signing.ProgramJob{File: signing.File{Path: args.Name, Digest: made.Digest}, Key: args.Sign.Key.ID})
	if err != nil {
		return made, signFailure(err, pipeline.Input, "the installer could not be signed")
	}
	return done.Program, nil
}

// lay writes bytes of the cache where a program reads them.
func (e Env) lay(ctx context.Context, d cache.Digest, at string) error {
	in, err := e.Store.Get(ctx, d)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		return err
	}
	out, err := os.OpenFile(at, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
