package authenticode

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

// Key is a secret that has signed a trial, and the certificates that go into
// signatures: its own first.
type Key struct {
	chain     []*x509.Certificate
	algorithm oid
	sign      func(ctx context.Context, message []byte) ([]byte, error)
}

// ParseChain reads certificates, PEM: the one that signs first, those of its
// issuers behind it.
func ParseChain(text []byte) ([]*x509.Certificate, error) {
	var chain []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("PEM block %q among certificates", block.Type)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		chain = append(chain, c)
	}
	if len(chain) == 0 {
		return nil, fmt.Errorf("no PEM certificate in %d bytes", len(text))
	}
	return chain, nil
}

// OpenKey reads a secret key, RSA or ECDSA: PEM, or PKCS #12, of which the
// certificates are left aside. passphrase is called only for PKCS #12. The key
// signs a trial.
func OpenKey(secret []byte, passphrase func() ([]byte, error), chain []*x509.Certificate) (*Key, error) {
	signer, err := parseKey(secret, passphrase)
	if err != nil {
		return nil, err
	}
	own, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || len(chain) == 0 || !own.Equal(chain[0].PublicKey) {
		return nil, errors.New("secret key and certificate do not belong together; the certificate that signs is the first of its file")
	}
	return NewKey(context.Background(), chain, func(_ context.Context, message []byte) ([]byte, error) {
		digest := sha256.Sum256(message)
		// Without randomness: PKCS #1 v1.5 needs none, and ECDSA follows RFC 6979.
		return signer.Sign(nil, digest[:], crypto.SHA256)
	})
}

// NewKey takes a key that lies elsewhere: sign gives the bare signature of a
// message with SHA-256, RSA PKCS #1 v1.5 or ECDSA as DER. It signs a trial, so
// that a broken key is found before anything has been done.
func NewKey(ctx context.Context, chain []*x509.Certificate, sign func(context.Context, []byte) ([]byte, error)) (*Key, error) {
	if len(chain) == 0 {
		return nil, errors.New("no certificate")
	}
	c := chain[0]
	if err := mayBeUsed(c, x509.ExtKeyUsageCodeSigning); err != nil {
		return nil, err
	}
	if err := (&signedData{certs: chain}).linked(c); err != nil {
		return nil, err
	}
	k := &Key{chain: chain, algorithm: oidRSA, sign: sign}
	if _, ok := c.PublicKey.(*ecdsa.PublicKey); ok {
		k.algorithm = oidSHA256ECDSA
	}
	trial := &signedData{hash: crypto.SHA256, algorithm: k.algorithm, signed: []byte("trial of slipway")}
	var err error
	if trial.signature, err = sign(ctx, trial.signed); err == nil {
		err = trial.checkSignature(c)
	}
	if err != nil {
		return nil, fmt.Errorf("trial signature: %w", err)
	}
	return k, nil
}

// Certificate is the one that signs.
func (k *Key) Certificate() *x509.Certificate { return k.chain[0] }

// Chain are the certificates that go into signatures, the signer's first.
func (k *Key) Chain() []*x509.Certificate { return k.chain }

// MaySign tells whether the certificate is good at a time.
func (k *Key) MaySign(at time.Time) error { return goodAt(k.chain[0], at) }

func goodAt(c *x509.Certificate, at time.Time) error {
	if at.Before(c.NotBefore) || at.After(c.NotAfter) {
		return fmt.Errorf("certificate %q is good from %s to %s, not at %s", c.Subject, date(c.NotBefore), date(c.NotAfter), date(at))
	}
	return nil
}

func parseKey(secret []byte, passphrase func() ([]byte, error)) (crypto.Signer, error) {
	key, err := parseAny(secret, passphrase)
	if err != nil {
		return nil, err
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return key, nil
	case *ecdsa.PrivateKey:
		return key, nil
	}
	return nil, fmt.Errorf("is a %T, want RSA or ECDSA", key)
}

func parseAny(secret []byte, passphrase func() ([]byte, error)) (any, error) {
	block, rest := pem.Decode(secret)
	if block == nil {
		return parsePKCS12(secret, passphrase)
	}
	if more, _ := pem.Decode(rest); more != nil {
		return nil, errors.New("several PEM blocks, want one key")
	}
	switch block.Type {
	case "PRIVATE KEY":
		return x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		return x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		return x509.ParseECPrivateKey(block.Bytes)
	case "ENCRYPTED PRIVATE KEY":
		return nil, errors.New("is locked with a passphrase: make it PKCS #12, or refer to it by cmd:openssl pkey -in FILE, which asks for it")
	}
	return nil, fmt.Errorf("PEM block %q: want PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY", block.Type)
}

func parsePKCS12(secret []byte, passphrase func() ([]byte, error)) (any, error) {
	if !bytes.HasPrefix(secret, []byte{0x30}) { // a SEQUENCE
		return nil, fmt.Errorf("neither PEM nor PKCS #12 in %d bytes", len(secret))
	}
	word, err := passphrase()
	if err != nil {
		return nil, err
	}
	key, _, _, err := pkcs12.DecodeChain(secret, string(word))
	return key, err
}
