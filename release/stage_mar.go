package release

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"time"

	"slipway/cache"
	"slipway/release/pipeline"
	"slipway/signing"
	"slipway/updates/mar"
)

// marArgs name the RSA key of MARs and the certificate that clients hold; ID
// is the key's, as the plan pinned it.
type marArgs struct {
	Key         Secret    `json:"key"`
	Certificate string    `json:"certificate"`
	ID          string    `json:"id"`
	When        time.Time `json:"when"`
}

// marKeyID names the key that clients know, by their certificate: the SHA-256
// of its public key.
func marKeyID(root string, c Config) (string, error) {
	path := c.Signing.MAR.Certificate
	if path == "" {
		return "", nil
	}
	text, err := readCertificates(root, path)
	if err != nil {
		return "", err
	}
	keys, err := mar.ParseKeys(text)
	if err != nil || len(keys) != 1 {
		return "", fmt.Errorf("%s: %d certificates, want one (%v)", path, len(keys), err)
	}
	der, err := x509.MarshalPKIXPublicKey(keys[0])
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:]), nil
}

// signMARs puts our signature into a cell's MARs; what is offered from here on
// are the signed ones. Partials were made of unsigned completes, whose content
// is the same.
func (g *graph) signMARs(key cell) {
	k := g.plan.Config.Signing.MAR
	if k.Key == "" {
		return
	}
	var names []string
	for _, id := range g.mars[key] {
		names = append(names, g.outputs[id]...)
	}
	signed := g.add(pipeline.Task{
		ID:    "sign/" + key.platform + "/" + key.locale + "/mars",
		Title: fmt.Sprintf("sign the MARs of %s for %s", key.locale, g.plan.Config.Platforms[key.platform].Title),
		Stage: stageSign, Kind: "sign-mar", Needs: g.mars[key], Pool: "signing", Try: remote,
		Outputs: names, Platform: key.platform, Locale: key.locale,
	}, marArgs{Key: k.Key, Certificate: k.Certificate, ID: g.plan.MARKey, When: g.plan.Date})
	g.mars[key] = []string{signed}
}

func (e Env) signMARs(ctx context.Context, c pipeline.Call, args marArgs) (pipeline.Result[struct{}], error) {
	var res pipeline.Result[struct{}]
	key, err := e.marKey(ctx, args)
	if err != nil {
		return res, pipeline.Fail(pipeline.Policy, "the MAR key was refused", err)
	}
	signer := signing.MARSigner{Store: e.Store, Keys: []*signing.MARKey{key}}
	for _, need := range c.Needs {
		for _, f := range need.Files {
			done, err := signer.Sign(ctx, signing.MARJob{
				File: signing.File{Path: f.Name, Digest: cache.Digest(f.Digest)}, Keys: []string{args.ID}, When: args.When,
			})
			if err != nil {
				return res, err
			}
			res.Files = append(res.Files, file(f.Name, done.MAR))
		}
	}
	return res, nil
}

func (e Env) marKey(ctx context.Context, args marArgs) (*signing.MARKey, error) {
	secret, err := signing.ReadKeyFile(ctx, args.Key.ref(e.Root))
	if err != nil {
		return nil, err
	}
	defer secret.Wipe()
	certificate, err := readCertificates(e.Root, args.Certificate)
	if err != nil {
		return nil, err
	}
	return signing.OpenMARKey(secret.Reveal(), certificate)
}
