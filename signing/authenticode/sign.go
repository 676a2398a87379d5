package authenticode

import (
	"context"
	"crypto/sha256"
	encoding "encoding/asn1"
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Options are what a signature says beside the file's digest.
type Options struct {
	Description string // the program's name, shown by Windows when it asks for consent
	URL         string // a page about it
	TSA         *TSA   // nil: without a timestamp the signature ends with the certificate
	// Replace takes a signature out that the file bears already.
	Replace bool
}

// Check refuses words that a signature cannot hold.
func (o Options) Check() error {
	_, err := opusInfo(o.Description, o.URL)
	return err
}

// ErrSigned is returned for a file that bears a signature, unless it is to be
// replaced: whose it is, and whether it is to go, is for the caller to say.
var ErrSigned = errors.New("is signed already")

// Sign puts a signature by key into a PE file and verifies what it made. The
// digest is SHA-256. An error of the timestamp server is a [*TSAError].
func Sign(ctx context.Context, file []byte, key *Key, o Options) ([]byte, error) {
	m, err := parse(file)
	if err != nil {
		return nil, err
	}
	if m.table != nil && !o.Replace {
		return nil, ErrSigned
	}
	d, err := key.signature(ctx, m, o)
	if err != nil {
		return nil, err
	}
	var want Trust
	if o.TSA != nil {
		token, err := o.TSA.Stamp(ctx, d.signature)
		if err != nil {
			return nil, err
		}
		d.unsigned = []attribute{{oidTimestamp, token}}
		want.Timestamped = true
	}
	out := m.attach(d.encode())
	want.Certificate = key.chain[0]
	if _, err := Verify(out, want); err != nil {
		return nil, fmt.Errorf("verifying what was made: %w", err)
	}
	return out, nil
}

// signature makes the SignedData of a file.
func (k *Key) signature(ctx context.Context, m *image, o Options) (*signedData, error) {
	opus, err := opusInfo(o.Description, o.URL)
	if err != nil {
		return nil, err
	}
	serial, err := encoding.Marshal(k.chain[0].SerialNumber)
	if err != nil {
		return nil, err
	}
	d := &signedData{
		kind: oidIndirectData, content: indirectData(m.digest(sha256.New())), certs: k.chain,
		issuer: k.chain[0].RawIssuer, serial: serial, algorithm: k.algorithm,
	}
	digest := sha256.Sum256(contents(d.content))
	d.attributes = []attribute{
		{oidContentType, build(func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oidIndirectData) })},
		{oidStatement, statement},
		{oidOpusInfo, opus},
		{oidMessageDigest, build(func(b *cryptobyte.Builder) { b.AddASN1OctetString(digest[:]) })},
	}
	d.signature, err = k.sign(ctx, build(func(b *cryptobyte.Builder) { addAttributes(b, asn1.SET, d.attributes) }))
	return d, err
}

// Digest is the SHA-256 that a signature of a file is over.
func Digest(file []byte) ([]byte, error) {
	m, err := parse(file)
	if err != nil {
		return nil, err
	}
	return m.digest(sha256.New()), nil
}
