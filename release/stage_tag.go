package release

import (
	"context"
	"errors"
	"fmt"
	"net/mail"

	"slipway/release/git"
	"slipway/release/pipeline"
	"slipway/signing"
)

// tagArgs are a repository's mark.
type tagArgs struct {
	Repository string     `json:"repository"`
	URL        string     `json:"url"`
	Job        git.TagJob `json:"job"`
	Key        keyArgs    `json:"key,omitzero"` // signs the tags, when named
}

// tagFacts leave the tag names out: a respin of the same commit has other tags
// and the same builds.
type tagFacts struct {
	Repository string `json:"repository"`
	Revision   string `json:"revision"` // of the bump commit, where there is one
}

// tags marks every repository, all at the same time. Builds need only main.
func (g *graph) tags(gate string) []string {
	p := g.plan
	var ids []string
	for _, r := range p.Repositories {
		job := git.TagJob{
			Revision: r.Revision, Tags: []string{p.Tags.Build, p.Tags.Release},
			// Not the build number: the bump would be another commit for each respin,
			// and all that is made of it be made again. The tag's name has it.
			Message: fmt.Sprintf("%s %s", p.Config.DisplayName, p.Version),
			By:      tagger(p.Config.Tags.Tagger), When: p.Date,
		}
		if r.Leave != "" {
			job.Leave = map[string]string{p.Tags.Release: r.Leave}
		}
		if r.Name == mainRepository {
			job.Branch, job.Changes = p.Tags.Branch, p.Changes
		}
		args := tagArgs{Repository: r.Name, URL: r.URL, Job: job}
		if p.Config.Signing.OpenPGP.Tags {
			args.Key = g.key()
		}
		ids = append(ids, g.add(pipeline.Task{
			ID: "tag/" + r.Name, Title: "tag " + r.Name, Stage: stageTag, Lane: r.Name, Kind: "tag",
			Needs: []string{gate}, Pool: "git", Effect: pipeline.Once, Try: remote,
		}, args))
	}
	return ids
}

const taggedMain = "tag/" + mainRepository

func tagger(s string) git.Person {
	a, err := mail.ParseAddress(s)
	if err != nil {
		return git.Person{} // refused when the file was loaded; tagging refuses it again
	}
	return git.Person{Name: a.Name, Email: a.Address}
}

func (e Env) tag(ctx context.Context, _ pipeline.Call, args tagArgs) (pipeline.Result[tagFacts], error) {
	m, err := openMirror(ctx, e.Git, e.Root, args.Repository, args.URL)
	if err != nil {
		return pipeline.Result[tagFacts]{}, err
	}
	var sign git.Sign
	if args.Key.Fingerprint != "" {
		sign = func(ctx context.Context, text []byte) ([]byte, error) { return e.armor(ctx, args, text) }
	}
	done, err := m.Tag(ctx, args.Job, sign)
	return tagged(done), tagClass(err)
}

func (e Env) tagProbe(ctx context.Context, _ pipeline.Call, args tagArgs) (pipeline.Result[tagFacts], bool, error) {
	m, err := openMirror(ctx, e.Git, e.Root, args.Repository, args.URL)
	if err != nil {
		return pipeline.Result[tagFacts]{}, false, err
	}
	done, ok, err := m.Probe(ctx, args.Job)
	return tagged(done), ok, tagClass(err)
}

func tagged(t git.Tagged) pipeline.Result[tagFacts] {
	return pipeline.Result[tagFacts]{Facts: tagFacts{t.Repository, t.Revision}}
}

// armor signs a tag's text as git does: a detached signature of it.
func (e Env) armor(ctx context.Context, args tagArgs, text []byte) ([]byte, error) {
	blob, err := e.Store.PutBytes(ctx, text)
	if err != nil {
		return nil, err
	}
	s, err := e.signer(ctx, args.Key)
	if err != nil {
		return nil, err
	}
	res, err := s.Sign(ctx, signing.SignJob{
		Files: []signing.File{{Path: args.Repository, Digest: blob.Digest}},
		Key:   args.Key.Fingerprint, When: args.Job.When,
	})
	if err != nil {
		return nil, err
	}
	return e.Store.Bytes(ctx, res.Signed[0].Asc.Digest, 1<<20)
}

// tagClass: another's tag is a clash, which no retry resolves; what else goes
// wrong is mostly the way to the remote.
func tagClass(err error) error {
	switch {
	case errors.As(err, new(*git.Conflict)):
		return pipeline.Fail(pipeline.Clash, "a ref of that name is there already", err)
	case errors.Is(err, git.ErrGone):
		return pipeline.Fail(pipeline.Clash, "a planned revision is gone from its repository", err)
	}
	return pipeline.Fail(pipeline.Infra, "the repository could not be tagged", err)
}
