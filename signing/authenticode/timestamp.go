package authenticode

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// request asks that a signature was there (RFC 3161 §2.4.1), for an answer that
// carries its certificates.
func request(signature []byte, nonce *big.Int) []byte {
	digest := sha256.Sum256(signature)
	return build(func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(1)
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				addAlgorithm(b, oidSHA256, true)
				b.AddASN1OctetString(digest[:])
			})
			b.AddASN1BigInt(nonce)
			b.AddASN1Boolean(true)
		})
	})
}

// answer takes the timestamp out of what a server said (RFC 3161 §2.4.2).
func answer(b, signature []byte, nonce *big.Int) ([]byte, error) {
	const what = "timestamp answer"
	top := read(b)
	in := top.in(asn1.SEQUENCE, what)
	status := in.in(asn1.SEQUENCE, what)
	var code int
	status.want(status.rest.ReadASN1Integer(&code), what)
	if status.err == nil && code > 1 { // 0 granted, 1 granted otherwise than asked
		return nil, fmt.Errorf("the server refused with status %d: %q", code, freeText(status))
	}
	token := in.whole(asn1.SEQUENCE, what)
	top.leave(in, what)
	if err := top.end(what); err != nil {
		return nil, err
	}
	t, err := openTimestamp(token)
	if err != nil {
		return nil, err
	}
	if t.nonce == nil || t.nonce.Cmp(nonce) != 0 {
		return nil, errors.New("the timestamp has another nonce than was asked with: it may be an old one")
	}
	_, err = t.prove(signature)
	return token, err
}

// freeText is what a server says in words.
func freeText(r *reader) string {
	texts := r.in(asn1.SEQUENCE, "status text")
	var text cryptobyte.String
	texts.want(texts.rest.ReadASN1(&text, asn1.UTF8String), "status text")
	return fmt.Sprintf("%.200s", text)
}

// timestamp is what a TSTInfo says, and the SignedData around it.
type timestamp struct {
	hash    oid
	imprint []byte
	when    time.Time
	nonce   *big.Int
	data    *signedData
}

// openTimestamp takes a timestamp apart: the contents of its octet string are
// what is signed. Nothing of it is proven yet.
func openTimestamp(token []byte) (*timestamp, error) {
	const what = "TSTInfo"
	var t timestamp
	var err error
	if t.data, err = readSignedData(token); err != nil {
		return nil, err
	}
	octets := read(t.data.content)
	body := octets.in(asn1.OCTET_STRING, what)
	in := body.in(asn1.SEQUENCE, what)
	in.number(1, "TSTInfo's version")
	in.name("TSTInfo's policy")
	imprint := in.in(asn1.SEQUENCE, "imprint")
	t.hash = imprint.algorithm("imprint")
	var digest cryptobyte.String
	imprint.want(imprint.rest.ReadASN1(&digest, asn1.OCTET_STRING), "imprint")
	t.imprint = digest
	in.leave(imprint, "imprint")
	in.whole(asn1.INTEGER, "TSTInfo's serial number")
	var when cryptobyte.String
	in.want(in.rest.ReadASN1(&when, asn1.GeneralizedTime), "time")
	for _, tag := range []asn1.Tag{asn1.SEQUENCE, asn1.BOOLEAN} { // accuracy, ordering
		if in.has(tag) {
			in.any(what)
		}
	}
	if in.has(asn1.INTEGER) {
		t.nonce = new(big.Int)
		in.want(in.rest.ReadASN1Integer(t.nonce), "nonce")
	}
	for _, tag := range []asn1.Tag{inside0, inside1} { // the server's name, extensions
		if in.has(tag) {
			in.any(what)
		}
	}
	body.leave(in, what)
	octets.leave(body, what)
	if err := octets.end(what); err != nil {
		return nil, err
	}
	// Parse takes a fraction of a second where there is one.
	if t.when, err = time.Parse("20060102150405Z", string(when)); err != nil {
		return nil, fmt.Errorf("time: %w", err)
	}
	return &t, nil
}

// prove checks that a timestamp is good and is that of a signature, and gives
// its signer. It does not say that the server is trusted.
func (t *timestamp) prove(signature []byte) (*x509.Certificate, error) {
	h, err := hashOf(t.hash)
	if err != nil {
		return nil, err
	}
	if want := sum(h, signature); !bytes.Equal(t.imprint, want) {
		return nil, fmt.Errorf("is of something with digest %x, the signature's is %x", t.imprint, want)
	}
	c, err := t.data.prove(oidTSTInfo, contents(t.data.content), x509.ExtKeyUsageTimeStamping)
	if err == nil {
		err = goodAt(c, t.when)
	}
	return c, err
}
