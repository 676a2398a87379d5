package signing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"slipway/signing/authenticode"
)

// CodeKey says where the key of Authenticode signatures is: Key, or a Signer
// that has it. Certificate authorities give such keys out in hardware only, so a
// key in a file is for certificates of one's own.
type CodeKey struct {
	Key        Ref // PEM or PKCS #12
	Passphrase Ref // of PKCS #12
	// Signer is an argument list, run without a shell in Dir. It reads the message
	// from standard input and prints the bare signature with SHA-256: RSA PKCS #1
	// v1.5, or ECDSA as DER. openssl dgst -sha256 -sign does, with any provider.
	Signer []string
	Dir    string
}

// Open makes the key ready to sign with the first of chain; it signs a trial.
// learn, if not nil, is told each secret.
func (c CodeKey) Open(ctx context.Context, chain []*x509.Certificate, learn func(Secret)) (*authenticode.Key, error) {
	if len(c.Signer) > 0 {
		return authenticode.NewKey(ctx, chain, func(ctx context.Context, message []byte) ([]byte, error) {
			return c.signBy(ctx, message)
		})
	}
	c.Passphrase.Hold() // a program may tell the key
	secret, err := ReadKeyFile(ctx, c.Key)
	if err != nil {
		return nil, err
	}
	defer secret.Wipe()
	return authenticode.OpenKey(secret.Reveal(), func() ([]byte, error) {
		if c.Passphrase == "" {
			return nil, errors.New("PKCS #12 needs a passphrase, and none is referred to")
		}
		word, err := ReadSecret(ctx, c.Passphrase)
		if err == nil && learn != nil {
			learn(word)
		}
		return word.Reveal(), err
	}, chain)
}

// signBy has the signer sign. What it says on standard error is in the error.
func (c CodeKey) signBy(ctx context.Context, message []byte) ([]byte, error) {
	said := limited{limit: maxSaid}
	cmd := exec.CommandContext(ctx, c.Signer[0], c.Signer[1:]...)
	cmd.Dir = c.Dir
	cmd.Stdin, cmd.Stderr = bytes.NewReader(message), &said
	signature, err := printed(cmd, maxSaid)
	if err != nil {
		return nil, &SignerError{c.Signer[0], fmt.Errorf("%w: %s", err, bytes.TrimSpace(said.kept))}
	}
	return signature, nil
}

// maxSaid is longer than any signature, and than what an error is read for.
const maxSaid = 1024

// SignerError is a signer that did not sign: what it asks may answer later.
type SignerError struct {
	Signer string
	Err    error
}

func (e *SignerError) Error() string { return e.Signer + ": " + e.Err.Error() }
func (e *SignerError) Unwrap() error { return e.Err }

// ChainID names what goes into signatures: the SHA-256 of each certificate, in
// hex, the signer's first. openssl x509 -fingerprint -sha256 shows the same.
func ChainID(chain []*x509.Certificate) string {
	var ids []string
	for _, c := range chain {
		ids = append(ids, fmt.Sprintf("%x", sha256.Sum256(c.Raw)))
	}
	return strings.Join(ids, " ")
}
