package release

import (
	"context"
	"crypto/x509"
	"fmt"

	"slipway/release/pipeline"
	"slipway/signing"
	"slipway/signing/authenticode"
)

// codeArgs name the key of signatures inside Windows programs; ID is that of
// its certificates, as the plan pinned it.
type codeArgs struct {
	Key         Secret   `json:"key,omitempty"`
	Passphrase  Secret   `json:"passphrase,omitempty"`
	Signer      []string `json:"signer,omitempty"`
	Certificate string   `json:"certificate"`
	ID          string   `json:"id"`
	Timestamp   string   `json:"timestamp,omitempty"`
}

func (p *Plan) codeArgs() codeArgs {
	a := p.Config.Signing.Authenticode
	return codeArgs{Key: a.Key, Passphrase: a.Passphrase, Signer: a.Signer, Certificate: a.Certificate, ID: p.CodeKey, Timestamp: a.Timestamp}
}

// codeKeyID names the certificates of what signs Windows programs, "" when none does.
func codeKeyID(root string, c Config) (string, error) {
	if c.Signing.Authenticode.Certificate == "" {
		return "", nil
	}
	chain, err := readCodeChain(root, c.Signing.Authenticode.Certificate)
	if err != nil {
		return "", err
	}
	return signing.ChainID(chain), nil
}

func readCodeChain(root, path string) ([]*x509.Certificate, error) {
	text, err := readCertificates(root, path)
	if err != nil {
		return nil, err
	}
	chain, err := authenticode.ParseChain(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return chain, nil
}

// codeChain reads the certificates, which must be those of the plan.
func (e Env) codeChain(path, id string) ([]*x509.Certificate, error) {
	chain, err := readCodeChain(e.Root, path)
	if err != nil {
		return nil, err
	}
	if have := signing.ChainID(chain); have != id {
		return nil, pipeline.Fail(pipeline.Clash, "the code-signing certificate is not that of the plan", fmt.Errorf("%s holds certificates %s, the plan has %s", path, have, id))
	}
	return chain, nil
}

// codeKey opens the key anew for each task, as [Env.signer] does.
func (e Env) codeKey(ctx context.Context, args codeArgs) (*authenticode.Key, error) {
	chain, err := e.codeChain(args.Certificate, args.ID)
	if err != nil {
		return nil, err
	}
	ref := signing.CodeKey{Signer: args.Signer, Dir: e.Root}
	if args.Key != "" {
		ref.Key = args.Key.ref(e.Root)
	}
	if args.Passphrase != "" {
		ref.Passphrase = args.Passphrase.ref(e.Root)
	}
	key, err := ref.Open(ctx, chain, func(s signing.Secret) { e.Secrets.Add(string(s.Reveal())) })
	if err != nil {
		return nil, err
	}
	return key, key.MaySign(e.Now())
}
