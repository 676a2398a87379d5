package release

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"

	"slipway/cache"
	"slipway/release/pipeline"
	"slipway/updates/mar"
)

// marKeyArgs name the RSA key of MARs and the certificate that clients hold.
type marKeyArgs struct {
	Key         Secret `json:"key"`
	Certificate string `json:"certificate"`
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
	}, marKeyArgs(k))
	g.mars[key] = []string{signed}
}

func (e Env) signMARs(ctx context.Context, c pipeline.Call, args marKeyArgs) (pipeline.Result[struct{}], error) {
	var res pipeline.Result[struct{}]
	key, err := e.marKey(ctx, args)
	if err != nil {
		return res, pipeline.Fail(pipeline.Policy, "the MAR key was refused", err)
	}
	for _, need := range c.Needs {
		for _, f := range need.Files {
			blob, err := e.signMAR(ctx, cache.Digest(f.Digest), key)
			if err != nil {
				return res, fmt.Errorf("signing %s: %w", f.Name, err)
			}
			res.Files = append(res.Files, file(f.Name, blob))
		}
	}
	return res, nil
}

// maxMAR is what the updater refuses to exceed.
const maxMAR = 500 << 20

func (e Env) signMAR(ctx context.Context, d cache.Digest, key crypto.Signer) (cache.Blob, error) {
	in, err := e.Store.Get(ctx, d)
	if err != nil {
		return cache.Blob{}, err
	}
	defer in.Close()
	a, err := mar.Parse(in, in.Size())
	if err != nil {
		return cache.Blob{}, err
	}
	var out bytes.Buffer
	if err := mar.Sign(&out, a, key); err != nil {
		return cache.Blob{}, err
	}
	if out.Len() > maxMAR {
		return cache.Blob{}, fmt.Errorf("%d bytes; clients take no more than %d", out.Len(), maxMAR)
	}
	return e.Store.PutBytes(ctx, out.Bytes())
}

// marKey opens the key and holds it to the certificate that clients have: a
// MAR signed by another key would be refused by all of them.
func (e Env) marKey(ctx context.Context, args marKeyArgs) (*rsa.PrivateKey, error) {
	secret, err := args.Key.open(ctx, e.Root)
	if err != nil {
		return nil, err
	}
	defer secret.Wipe()
	key, err := parseRSA(secret.Reveal())
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(Below(e.Root, args.Certificate))
	if err != nil {
		return nil, err
	}
	public, err := mar.ParseKeys(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", args.Certificate, err)
	}
	for _, p := range public {
		if key.PublicKey.Equal(p) {
			return key, nil
		}
	}
	return nil, fmt.Errorf("the key is not that of the certificate %s", args.Certificate)
}

func parseRSA(text []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("want a PEM private key")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	rsaKey, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("the key is a %T; MARs are signed with RSA", key)
	}
	return rsaKey, nil
}
