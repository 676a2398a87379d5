package authenticode

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	encoding "encoding/asn1"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// prove checks that d's signer signed it, by a certificate for that use:
// attributes, digest, signature, and that each certificate that is there leads
// to the signer's. Whether anyone trusts that is another question.
func (d *signedData) prove(kind oid, covered []byte, use x509.ExtKeyUsage) (*x509.Certificate, error) {
	if !d.kind.Equal(kind) {
		return nil, fmt.Errorf("content of kind %s, want %s", d.kind, kind)
	}
	if name := read(find(d.attributes, oidContentType)); !name.name("").Equal(kind) || name.end("") != nil {
		return nil, fmt.Errorf("the signed attributes name another kind of content than %s", kind)
	}
	var digest cryptobyte.String
	if value := cryptobyte.String(find(d.attributes, oidMessageDigest)); !value.ReadASN1(&digest, asn1.OCTET_STRING) || len(value) > 0 {
		return nil, errors.New("the signed attributes have no digest")
	}
	if want := sum(d.hash, covered); !bytes.Equal(digest, want) {
		return nil, fmt.Errorf("content with digest %x, signed was %x", want, []byte(digest))
	}
	cert, err := d.certificate()
	if err != nil {
		return nil, err
	}
	if err := d.checkSignature(cert); err != nil {
		return nil, fmt.Errorf("signature by %q: %w", cert.Subject, err)
	}
	if err := mayBeUsed(cert, use); err != nil {
		return nil, err
	}
	return cert, d.linked(cert)
}

// certificate is the signer's, which must be among those that came along.
func (d *signedData) certificate() (*x509.Certificate, error) {
	for _, c := range d.certs {
		serial, err := encoding.Marshal(c.SerialNumber)
		if err == nil && bytes.Equal(c.RawIssuer, d.issuer) && bytes.Equal(serial, d.serial) {
			return c, nil
		}
	}
	return nil, fmt.Errorf("the signer's certificate is not among the %d that came along", len(d.certs))
}

// linked refuses certificates that do not lead to the signer's: they would be
// bytes that nobody vouches for.
func (d *signedData) linked(signer *x509.Certificate) error {
	if len(d.certs) > maxCerts {
		return fmt.Errorf("%d certificates, limit %d", len(d.certs), maxCerts)
	}
	chain := []*x509.Certificate{signer}
	for i := 0; i < len(chain); i++ {
		for _, c := range d.certs {
			if !slices.Contains(chain, c) && chain[i].CheckSignatureFrom(c) == nil {
				chain = append(chain, c)
			}
		}
	}
	for _, c := range d.certs {
		if !slices.ContainsFunc(chain, c.Equal) { // Microsoft's service puts the signer's in twice
			return fmt.Errorf("certificate %q came along and is in nobody's chain", c.Subject)
		}
		// A root's own signature, in old ones by SHA-1, which says nothing.
		if c != signer && bytes.Equal(c.RawIssuer, c.RawSubject) {
			if err := c.CheckSignatureFrom(c); err != nil && !errors.As(err, new(x509.InsecureAlgorithmError)) {
				return fmt.Errorf("root certificate %q: %w", c.Subject, err)
			}
		}
	}
	return nil
}

// maxCerts is far above a chain with cross-certificates; each is held against
// each.
const maxCerts = 16

// checkSignature: the algorithm's name is not signed, so it must be the one that
// follows from key and digest.
func (d *signedData) checkSignature(c *x509.Certificate) error {
	rsaKey, ecdsaKey := algorithms[d.hash].rsa, algorithms[d.hash].ecdsa
	switch c.PublicKey.(type) {
	case *rsa.PublicKey:
		if d.algorithm.Equal(oidRSA) || d.algorithm.Equal(rsaKey.name) {
			return c.CheckSignature(rsaKey.algorithm, d.signed, d.signature)
		}
	case *ecdsa.PublicKey:
		if d.algorithm.Equal(ecdsaKey.name) {
			return c.CheckSignature(ecdsaKey.algorithm, d.signed, d.signature)
		}
	}
	return fmt.Errorf("algorithm %s does not fit a %T with %s", d.algorithm, c.PublicKey, d.hash)
}

type algorithm struct {
	name      oid
	algorithm x509.SignatureAlgorithm
}

var algorithms = map[crypto.Hash]struct{ rsa, ecdsa algorithm }{
	crypto.SHA256: {algorithm{oidSHA256RSA, x509.SHA256WithRSA}, algorithm{oidSHA256ECDSA, x509.ECDSAWithSHA256}},
	crypto.SHA384: {algorithm{oidSHA384RSA, x509.SHA384WithRSA}, algorithm{oidSHA384ECDSA, x509.ECDSAWithSHA384}},
	crypto.SHA512: {algorithm{oidSHA512RSA, x509.SHA512WithRSA}, algorithm{oidSHA512ECDSA, x509.ECDSAWithSHA512}},
}

// mayBeUsed tells what a certificate is not for.
func mayBeUsed(c *x509.Certificate, use x509.ExtKeyUsage) error {
	what := "code signing (1.3.6.1.5.5.7.3.3)"
	if use == x509.ExtKeyUsageTimeStamping {
		what = "timestamps (1.3.6.1.5.5.7.3.8)"
	}
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < 2048 {
			return fmt.Errorf("certificate %q has an RSA key of %d bits, want 2048 at least", c.Subject, k.N.BitLen())
		}
	case *ecdsa.PublicKey:
	default:
		return fmt.Errorf("certificate %q has a key of kind %T, want RSA or ECDSA", c.Subject, c.PublicKey)
	}
	if !slices.Contains(c.ExtKeyUsage, use) {
		return fmt.Errorf("certificate %q is not for %s", c.Subject, what)
	}
	if c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageDigitalSignature == 0 {
		return fmt.Errorf("certificate %q is not for signatures: its key usage is %#x", c.Subject, int(c.KeyUsage))
	}
	return nil
}
