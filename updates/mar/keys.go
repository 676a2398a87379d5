package mar

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// minKeyBits is what libmar's signer asks for. Mozilla's own keys have 4096.
const minKeyBits = 2048

func checkBits(key *rsa.PublicKey) error {
	if bits := key.N.BitLen(); bits < minKeyBits || key.Size() > MaxSignature {
		return fmt.Errorf("has %d bits, want %d to %d", bits, minKeyBits, 8*MaxSignature)
	}
	return nil
}

// ErrLocked says that a private key must be unlocked first.
var ErrLocked = errors.New("is locked with a passphrase")

// ParsePrivateKey reads the one RSA key of a PEM file, PKCS #8 or PKCS #1, which
// may hold its certificate too.
func ParsePrivateKey(b []byte) (*rsa.PrivateKey, error) {
	var found *rsa.PrivateKey
	var others []string
	for block, rest := pem.Decode(b); block != nil; block, rest = pem.Decode(rest) {
		if !private(block) {
			others = append(others, block.Type)
			continue
		}
		key, err := parsePrivate(block)
		switch {
		case err != nil:
			return nil, err
		case found != nil:
			return nil, errors.New("holds several private keys, want one")
		}
		found = key
	}
	switch {
	case found != nil:
		return found, checkBits(&found.PublicKey)
	case len(others) > 0:
		return nil, fmt.Errorf("PEM blocks %q: want PRIVATE KEY or RSA PRIVATE KEY", others)
	}
	return nil, errors.New("holds no PEM block")
}

func private(block *pem.Block) bool { return strings.HasSuffix(block.Type, "PRIVATE KEY") }

func parsePrivate(block *pem.Block) (*rsa.PrivateKey, error) {
	var key any
	var err error
	switch {
	case block.Type == "ENCRYPTED PRIVATE KEY", block.Headers["DEK-Info"] != "":
		return nil, ErrLocked
	case block.Type == "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case block.Type == "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("PEM block %q: want an RSA key", block.Type)
	}
	if err != nil {
		return nil, err
	}
	if key, ok := key.(*rsa.PrivateKey); ok {
		return key, nil
	}
	return nil, fmt.Errorf("holds a %T, want RSA", key)
}

// ParseKeys reads RSA public keys: PEM with any number of certificates and
// public keys, or one certificate or public key in DER. A certificate is taken
// for its key alone, as the updater does; its dates and names mean nothing. A
// private key beside them is passed over.
func ParseKeys(b []byte) ([]*rsa.PublicKey, error) {
	var keys []*rsa.PublicKey
	var passed string
	for block, rest := pem.Decode(b); block != nil; block, rest = pem.Decode(rest) {
		if private(block) {
			passed = block.Type
			continue
		}
		key, err := parseKey(block.Bytes, block.Type)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	switch {
	case len(keys) > 0:
		return keys, nil
	case passed != "":
		return nil, fmt.Errorf("PEM block %q: want CERTIFICATE or PUBLIC KEY", passed)
	}
	for _, kind := range []string{"CERTIFICATE", "PUBLIC KEY"} {
		if key, err := parseKey(b, kind); err == nil {
			return []*rsa.PublicKey{key}, nil
		}
	}
	return nil, errors.New("is neither a certificate nor a public key, in PEM or DER")
}

func parseKey(der []byte, kind string) (*rsa.PublicKey, error) {
	var key any
	var err error
	switch kind {
	case "CERTIFICATE":
		var cert *x509.Certificate
		if cert, err = x509.ParseCertificate(der); err == nil {
			key = cert.PublicKey
		}
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(der)
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(der)
	default:
		return nil, fmt.Errorf("PEM block %q: want CERTIFICATE or PUBLIC KEY", kind)
	}
	if err != nil {
		return nil, err
	}
	pub, ok := key.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("holds a %T, want RSA", key)
	}
	return pub, nil
}
