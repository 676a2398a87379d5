package authenticode

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// attribute of a signature: a name, and one value as DER.
type attribute struct {
	name  oid
	value []byte
}

// signedData is what a PKCS #7 of one signer says (RFC 2315 §9, RFC 5652 §5):
// an Authenticode signature is one, and so is a timestamp.
type signedData struct {
	kind    oid    // of the content
	content []byte // as DER, with its tag
	certs   []*x509.Certificate

	issuer, serial []byte // of the signer's certificate, as DER
	hash           crypto.Hash
	signed         []byte // the attributes that are signed, as they are signed
	attributes     []attribute
	algorithm      oid
	signature      []byte
	unsigned       []attribute
}

// readSignedData takes a PKCS #7 apart. Nothing of it is proven yet.
func readSignedData(der []byte) (*signedData, error) {
	const what = "SignedData"
	var d signedData
	top := read(der)
	info := top.in(asn1.SEQUENCE, "PKCS #7")
	kind := info.name("PKCS #7's kind")
	info.want(kind.Equal(oidSignedData), "PKCS #7's kind, SignedData")
	explicit := info.in(inside0, what)
	in := explicit.in(asn1.SEQUENCE, what)
	version := in.whole(asn1.INTEGER, "SignedData's version") // 1, and 3 of a timestamp
	in.want(bytes.Equal(version, []byte{2, 1, 1}) || bytes.Equal(version, []byte{2, 1, 3}), "SignedData's version")
	set := in.in(asn1.SET, "SignedData's digest algorithms")
	name := set.algorithm("SignedData's digest algorithm")
	in.leave(set, "SignedData's digest algorithms")
	content := in.in(asn1.SEQUENCE, "content")
	d.kind = content.name("content's kind")
	inner := content.in(inside0, "content")
	d.content = inner.any("content")
	content.leave(inner, "content")
	in.leave(content, "content")
	certs := in.in(inside0, "certificates")
	if in.has(inside1) { // revocations: of no use here, for nobody says how old they are
		in.any("revocations")
	}
	signers := in.in(asn1.SET, "signers")
	signer := signers.in(asn1.SEQUENCE, "signer")
	d.readSigner(signer, name)
	signers.leave(signer, "signer")
	in.leave(signers, "signers: want one")
	explicit.leave(in, what)
	info.leave(explicit, what)
	top.leave(info, what)
	if err := top.end("PKCS #7"); err != nil {
		return nil, err
	}
	var err error
	if d.hash, err = hashOf(name); err != nil {
		return nil, err
	}
	if d.certs, err = x509.ParseCertificates(certs.rest); err != nil {
		return nil, fmt.Errorf("certificates: %w", err)
	}
	return &d, nil
}

// readSigner reads a SignerInfo; digest is the one that SignedData names.
func (d *signedData) readSigner(in *reader, digest oid) {
	in.number(1, "signer's version")
	id := in.in(asn1.SEQUENCE, "signer's certificate")
	d.issuer = id.whole(asn1.SEQUENCE, "issuer")
	d.serial = id.whole(asn1.INTEGER, "serial number")
	in.leave(id, "signer's certificate")
	name := in.algorithm("signer's digest algorithm")
	in.want(name.Equal(digest), "signer's digest algorithm, that of SignedData")
	d.signed = slices.Clone(in.whole(inside0, "signed attributes"))
	if len(d.signed) > 0 {
		d.signed[0] = 0x31 // signed as a SET, stored with another tag
	}
	set := read(d.signed)
	signed := set.in(asn1.SET, "signed attributes")
	d.attributes = signed.attributes("signed attributes")
	set.leave(signed, "signed attributes")
	in.leave(set, "signed attributes")
	d.algorithm = in.algorithm("signature algorithm")
	var signature cryptobyte.String
	in.want(in.rest.ReadASN1(&signature, asn1.OCTET_STRING), "signature")
	d.signature = signature
	if in.has(inside1) {
		unsigned := in.in(inside1, "unsigned attributes")
		d.unsigned = unsigned.attributes("unsigned attributes")
		in.leave(unsigned, "unsigned attributes")
	}
}

// attributes reads to the end; each has one value and stands there once.
func (r *reader) attributes(what string) []attribute {
	var all []attribute
	for len(r.rest) > 0 && r.err == nil {
		in := r.in(asn1.SEQUENCE, what)
		a := attribute{name: in.name(what)}
		set := in.in(asn1.SET, what)
		a.value = set.any(what)
		in.leave(set, what)
		r.leave(in, what)
		r.want(find(all, a.name) == nil, what+": "+a.name.String()+" once")
		r.want(len(all) < maxAttributes, what+": fewer of them")
		all = append(all, a)
	}
	return all
}

// maxAttributes is far above the five or six of a signature; each is held
// against each.
const maxAttributes = 32

func find(all []attribute, name oid) []byte {
	for _, a := range all {
		if a.name.Equal(name) {
			return a.value
		}
	}
	return nil
}

// addAttributes writes them in DER's order.
func addAttributes(b *cryptobyte.Builder, tag asn1.Tag, all []attribute) {
	var ders [][]byte
	for _, a := range all {
		var one cryptobyte.Builder
		one.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(a.name)
			b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(a.value) })
		})
		ders = append(ders, one.BytesOrPanic())
	}
	slices.SortFunc(ders, bytes.Compare)
	b.AddASN1(tag, func(b *cryptobyte.Builder) {
		for _, der := range ders {
			b.AddBytes(der)
		}
	})
}

// encode writes a SignedData as [readSignedData] reads it; digests are SHA-256.
func (d *signedData) encode() []byte {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oidSignedData)
		b.AddASN1(inside0, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(1)
				b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { addAlgorithm(b, oidSHA256, true) })
				b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(d.kind)
					b.AddASN1(inside0, func(b *cryptobyte.Builder) { b.AddBytes(d.content) })
				})
				b.AddASN1(inside0, func(b *cryptobyte.Builder) {
					for _, c := range d.certs {
						b.AddBytes(c.Raw)
					}
				})
				b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { d.addSigner(b) })
			})
		})
	})
	return b.BytesOrPanic()
}

func (d *signedData) addSigner(b *cryptobyte.Builder) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(d.issuer)
			b.AddBytes(d.serial)
		})
		addAlgorithm(b, oidSHA256, true)
		addAttributes(b, inside0, d.attributes)
		addAlgorithm(b, d.algorithm, d.algorithm.Equal(oidRSA)) // RFC 5758: ECDSA has no parameters
		b.AddASN1OctetString(d.signature)
		if len(d.unsigned) > 0 {
			addAttributes(b, inside1, d.unsigned)
		}
	})
}
