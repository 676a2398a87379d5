package release

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"slipway/cache"
	"slipway/release/pipeline"
)

// uploadArgs bring directories to the servers that users ask. What is offered
// comes before the answers that offer it.
type uploadArgs struct {
	Publish string   `json:"publish"`
	Program []string `json:"program"`
	Paths   []string `json:"paths"`   // below the publish directory, in this order
	Release string   `json:"release"` // another one's answers are another upload
}

const detailsBase = "product-details" // below the publish directory

func (g *graph) addUpload(name, stage string, paths []string, needs ...string) string {
	p := g.plan
	return g.add(pipeline.Task{
		ID: "upload/" + name, Title: "upload " + strings.Join(paths, " and "), Stage: stage, Kind: "upload",
		Needs: needs, Pool: "publish", Effect: pipeline.Idempotent, Try: remote,
	}, uploadArgs{Publish: p.Config.Publish.Directory, Program: p.Config.Publish.Upload, Paths: paths, Release: p.Candidate})
}

// uploadCandidate is "" when nothing is uploaded.
func (g *graph) uploadCandidate(candidates, test string) string {
	if len(g.plan.Config.Publish.Upload) == 0 {
		return ""
	}
	paths, needs := []string{g.plan.candidateBase()}, []string{candidates}
	if test != "" {
		paths, needs = append(paths, ausBase), append(needs, test)
	}
	return g.addUpload("candidates", stagePublish, paths, needs...)
}

// uploadRelease is the last task that brings the release to the mirrors.
func (g *graph) uploadRelease(released string) string {
	if len(g.plan.Config.Publish.Upload) == 0 {
		return released
	}
	return g.addUpload("releases", stagePush, []string{g.plan.releaseBase(), g.plan.partnersBase()}, released)
}

// uploadAnswers is the last task that lets clients know.
func (g *graph) uploadAnswers(name, stage, answered string) string {
	if len(g.plan.Config.Publish.Upload) == 0 {
		return answered
	}
	return g.addUpload(name, stage, []string{ausBase, detailsBase}, answered)
}

func (p *Plan) partnersBase() string { return path.Join(p.Config.Product, "releases", "partners") }

func (e Env) upload(ctx context.Context, c pipeline.Call, args uploadArgs) (pipeline.Result[struct{}], error) {
	return pipeline.Result[struct{}]{}, e.uploadAll(ctx, c.Log, args)
}

func (e Env) uploadAll(ctx context.Context, log io.Writer, args uploadArgs) error {
	for _, p := range args.Paths {
		if _, err := os.Stat(filepath.Join(Below(e.Root, args.Publish), p)); errors.Is(err, fs.ErrNotExist) {
			continue // no partners, no channels
		}
		if err := e.uploadPath(ctx, log, args, p); err != nil {
			return pipeline.Fail(pipeline.Infra, "an upload failed", fmt.Errorf("%s of %s: %w", args.Program[0], p, err))
		}
	}
	return nil
}

// uploadPath: uploads of answers take turns. Of two at once, the one that looked
// before a halt might end last, and undo it on the server.
func (e Env) uploadPath(ctx context.Context, log io.Writer, args uploadArgs, p string) error {
	argv := e.uploadCommand(args.Publish, args.Program, p)
	run := func() error {
		fmt.Fprintf(log, "%q\n", argv)
		return runStep(ctx, e.Root, os.Environ(), argv, log)
	}
	if p != ausBase {
		return run()
	}
	name := "upload-" + cache.Sum([]byte(Below(e.Root, args.Publish))).Short()
	busy := func() { fmt.Fprintf(log, "waiting until another upload of %s ends\n", p) }
	return e.withLock(ctx, name, busy, run)
}

func (e Env) uploadCommand(publish string, program []string, p string) []string {
	var argv []string
	for _, a := range program {
		argv = append(argv, strings.NewReplacer("{directory}", Below(e.Root, publish), "{path}", p).Replace(a))
	}
	return argv
}

// UploadAnswers brings what clients are told to the servers, after a halt or its
// end. A failure names the command, for somebody must see to it by hand.
func (e Env) UploadAnswers(ctx context.Context, p *Plan, log io.Writer) error {
	c := p.Config.Publish
	if len(c.Upload) == 0 {
		return nil
	}
	err := e.uploadAll(ctx, log, uploadArgs{Publish: c.Directory, Program: c.Upload, Paths: []string{ausBase}})
	if err != nil {
		err = fmt.Errorf("the servers do not know it yet: %w; in %s: %q", err, e.Root, e.uploadCommand(c.Directory, c.Upload, ausBase))
	}
	return err
}
