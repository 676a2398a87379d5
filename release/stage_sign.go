package release

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/cache"
	"slipway/release/pipeline"
	"slipway/signing"
)

// keyArgs name the OpenPGP key by reference; the fingerprint decides which it is.
type keyArgs struct {
	Key         Secret `json:"key"`
	Passphrase  Secret `json:"passphrase,omitempty"`
	Fingerprint string `json:"fingerprint"`
}

// signArgs ask for a signature of every file of the needs. Without a key the
// digests are taken all the same.
type signArgs struct {
	Key  keyArgs   `json:"key,omitzero"`
	When time.Time `json:"when"`
}

// signFacts: what one pass over each deliverable gave.
type signFacts struct {
	Signed []signing.Signed `json:"signed"`
}

func (g *graph) key() keyArgs {
	k := g.plan.Config.Signing.OpenPGP
	return keyArgs{Key: k.Key, Passphrase: k.Passphrase, Fingerprint: k.Fingerprint}
}

// sign signs every deliverable as soon as it is there: no batch waits for the
// slowest platform. The task passes the files on, so what needs it has both.
func (g *graph) sign(source string) []string {
	var ids []string
	one := func(t pipeline.Task, needs ...string) {
		t.Stage, t.Kind, t.Needs, t.Pool, t.Try = stageSign, "sign", needs, "signing", remote
		for _, need := range needs {
			t.Outputs = append(t.Outputs, signedNames(g.outputs[need], g.key())...)
		}
		ids = append(ids, g.add(t, signArgs{Key: g.key(), When: g.plan.Date}))
	}
	if source != "" {
		one(pipeline.Task{ID: "sign/source", Title: "sign the source"}, source)
	}
	for _, id := range g.platforms() {
		for _, code := range g.plan.codes(id) {
			key := cell{id, code}
			g.signMARs(key)
			one(pipeline.Task{
				ID: "sign/" + id + "/" + code, Title: fmt.Sprintf("sign %s for %s", code, g.plan.Config.Platforms[id].Title),
				Platform: id, Locale: code,
			}, slices.Concat([]string{g.packages[key]}, g.installers[g.packages[key]], g.mars[key])...)
		}
	}
	for _, t := range g.tasks {
		if t.Stage == stagePartner {
			one(pipeline.Task{ID: "sign/" + t.ID, Title: "sign " + strings.TrimPrefix(t.Title, "repack "), Platform: t.Platform, Locale: t.Locale, Lane: t.Lane},
				append([]string{t.ID}, g.installers[t.ID]...)...)
		}
	}
	return ids
}

func signedNames(names []string, key keyArgs) []string {
	var out []string
	for _, n := range names {
		out = append(out, n)
		if key.Fingerprint != "" {
			out = append(out, n+".asc")
		}
	}
	return out
}

func (e Env) sign(ctx context.Context, c pipeline.Call, args signArgs) (pipeline.Result[signFacts], error) {
	var none pipeline.Result[signFacts]
	var res pipeline.Result[signFacts]
	job := signing.SignJob{Key: args.Key.Fingerprint, When: args.When}
	for _, need := range c.Needs {
		for _, f := range need.Files {
			res.Files = append(res.Files, f)
			job.Files = append(job.Files, signing.File{Path: f.Name, Digest: cache.Digest(f.Digest)})
		}
	}
	if args.Key.Fingerprint == "" {
		var err error
		res.Facts.Signed, err = e.digests(ctx, job.Files)
		return res, err
	}
	s, err := e.signer(ctx, args.Key)
	if err != nil {
		return none, err
	}
	if err := maySign(s, args.When); err != nil {
		return none, err
	}
	done, err := s.Sign(ctx, job)
	if err != nil {
		return none, pipeline.Fail(pipeline.Infra, "the key did not sign", err)
	}
	res.Facts.Signed = done.Signed
	for _, f := range done.Signed {
		res.Files = append(res.Files, file(f.Path+".asc", f.Asc))
	}
	return res, nil
}

// maySign refuses what verifiers would: no second attempt makes a key older.
func maySign(s *signing.Signer, when time.Time) error {
	err := s.Key.MaySign(when)
	if err != nil {
		err = fmt.Errorf("%w; signatures carry the date of the main repository's commit: plan a later revision, or sign with an older key", err)
	}
	return pipeline.Fail(pipeline.Policy, "the key is younger than the release", err)
}

// signer opens the key anew for each task: it is held no longer than needed.
func (e Env) signer(ctx context.Context, k keyArgs) (*signing.Signer, error) {
	s := &signing.Signer{Store: e.Store, Workers: 1}
	secret, err := e.open(ctx, k.Key)
	if err != nil {
		return nil, pipeline.Fail(pipeline.Policy, "the signing key is not to be had", err)
	}
	defer secret.Wipe()
	s.Key, err = signing.OpenKey(secret.Reveal(), k.Fingerprint, func() (signing.Secret, error) {
		if k.Passphrase == "" {
			return signing.Secret{}, errors.New("the key is locked, and signing.openpgp.passphrase is not set")
		}
		return e.open(ctx, k.Passphrase)
	}, e.Now())
	return s, pipeline.Fail(pipeline.Policy, "the signing key was refused", err)
}
