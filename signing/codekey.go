package signing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"os/exec"

	"slipway/signing/authenticode"
)

// CodeKey says where the key of Authenticode signatures is: Key, or a Program
// that signs. Certificate authorities give such keys out in hardware only, so a
// key in a file is for certificates of one's own.
type CodeKey struct {
	Key        Ref // PEM or PKCS #12
	Passphrase Ref // of PKCS #12
	// Program is an argument list, run without a shell. It reads the message from
	// standard input and prints the bare signature with SHA-256: RSA PKCS #1 v1.5,
	// or ECDSA as DER. openssl dgst -sha256 -sign does, with whatever provider.
	Program []string
}

// Open makes the key ready to sign with the first of chain; it signs a trial.
// learn, if not nil, is told each secret.
func (c CodeKey) Open(ctx context.Context, chain []*x509.Certificate, learn func(Secret)) (*authenticode.Key, error) {
	if len(c.Program) > 0 {
		return authenticode.NewKey(ctx, chain, func(ctx context.Context, message []byte) ([]byte, error) {
			return signBy(ctx, c.Program, message)
		})
	}
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

// signBy has a program sign. What it says on standard error is in the error.
func signBy(ctx context.Context, argv []string, message []byte) ([]byte, error) {
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(message), &limited{&said}
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", argv[0], err, bytes.TrimSpace(said.Bytes()))
	}
	return out, nil
}

// limited keeps the beginning: a program may talk for ever.
type limited struct{ *bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	l.Buffer.Write(p[:min(len(p), max(0, 1024-l.Len()))])
	return len(p), nil
}

// CodeID names a certificate: the SHA-256 of its DER, in hex. Windows and
// openssl x509 -fingerprint -sha256 show the same.
func CodeID(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}
