package mar

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"io"
)

// VerifyOptions loosen [Verify].
type VerifyOptions struct {
	AllowSHA1 bool // accept legacy signatures, which no current client does
}

// Verify checks that a carries exactly one signature for each key, in order,
// as Mozilla's tools do. From then on a's entries are guarded: see
// [Archive.Open].
func Verify(a *Archive, keys []*rsa.PublicKey, o VerifyOptions) error {
	if len(keys) == 0 {
		return errors.New("no key to verify with")
	}
	if len(a.Signatures) != len(keys) {
		return fmt.Errorf("has %d signatures, want %d: one for each key given", len(a.Signatures), len(keys))
	}
	hashes := map[Algorithm]hash.Hash{}
	var all []io.Writer
	for i, s := range a.Signatures {
		if s.Algorithm == SHA1 && !o.AllowSHA1 {
			return fmt.Errorf("signature %d is %s: legacy SHA-1 not allowed", i+1, s.Algorithm)
		}
		if hashes[s.Algorithm] == nil {
			hashes[s.Algorithm] = newHash(s.Algorithm)
			all = append(all, hashes[s.Algorithm])
		}
	}
	sums := make([][sha256.Size]byte, len(a.Entries))
	if err := a.hash(a, io.MultiWriter(all...), sums); err != nil {
		return err
	}
	for i, s := range a.Signatures {
		if err := rsa.VerifyPKCS1v15(keys[i], cryptoHash(s.Algorithm), hashes[s.Algorithm].Sum(nil), s.Bytes); err != nil {
			return fmt.Errorf("signature %d (%s) does not fit key %d: other key, or changed bytes", i+1, s.Algorithm, i+1)
		}
	}
	a.sums = sums
	return nil
}

func newHash(a Algorithm) hash.Hash {
	if a == SHA1 {
		return sha1.New()
	}
	return sha512.New384()
}

func cryptoHash(a Algorithm) crypto.Hash {
	if a == SHA1 {
		return crypto.SHA1
	}
	return crypto.SHA384
}

// ParseKeys reads RSA public keys: PEM with any number of certificates and
// public keys, or one certificate or public key in DER. A certificate is taken
// for its key alone, as the updater does; its dates and names mean nothing.
func ParseKeys(b []byte) ([]*rsa.PublicKey, error) {
	var keys []*rsa.PublicKey
	rest := b
	for {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block == nil {
			break
		}
		key, err := parseKey(block.Bytes, block.Type)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	if len(keys) > 0 {
		return keys, nil
	}
	if key, err := parseKey(b, "CERTIFICATE"); err == nil {
		return []*rsa.PublicKey{key}, nil
	}
	key, err := parseKey(b, "PUBLIC KEY")
	if err != nil {
		return nil, errors.New("is neither a certificate nor a public key, in PEM or DER")
	}
	return []*rsa.PublicKey{key}, nil
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
