package authenticode

import (
	"crypto"
	_ "crypto/sha256" // the digests that algorithms names
	_ "crypto/sha512"
	encoding "encoding/asn1"
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

type oid = encoding.ObjectIdentifier

// Names of RFC 2315 and RFC 5652, of RFC 3161, and of Microsoft.
var (
	oidSignedData    = oid{1, 2, 840, 113549, 1, 7, 2}
	oidContentType   = oid{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = oid{1, 2, 840, 113549, 1, 9, 4}
	oidTSTInfo       = oid{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidSHA256        = oid{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA384        = oid{2, 16, 840, 1, 101, 3, 4, 2, 2}
	oidSHA512        = oid{2, 16, 840, 1, 101, 3, 4, 2, 3}
	oidRSA           = oid{1, 2, 840, 113549, 1, 1, 1}
	oidSHA256RSA     = oid{1, 2, 840, 113549, 1, 1, 11}
	oidSHA384RSA     = oid{1, 2, 840, 113549, 1, 1, 12}
	oidSHA512RSA     = oid{1, 2, 840, 113549, 1, 1, 13}
	oidSHA256ECDSA   = oid{1, 2, 840, 10045, 4, 3, 2}
	oidSHA384ECDSA   = oid{1, 2, 840, 10045, 4, 3, 3}
	oidSHA512ECDSA   = oid{1, 2, 840, 10045, 4, 3, 4}

	oidIndirectData = oid{1, 3, 6, 1, 4, 1, 311, 2, 1, 4}
	oidStatement    = oid{1, 3, 6, 1, 4, 1, 311, 2, 1, 11}
	oidOpusInfo     = oid{1, 3, 6, 1, 4, 1, 311, 2, 1, 12}
	oidPEImageData  = oid{1, 3, 6, 1, 4, 1, 311, 2, 1, 15}
	oidTimestamp    = oid{1, 3, 6, 1, 4, 1, 311, 3, 3, 1}
)

// digests by name; whatever is older than SHA-2 is none.
func hashOf(name oid) (crypto.Hash, error) {
	switch {
	case name.Equal(oidSHA256):
		return crypto.SHA256, nil
	case name.Equal(oidSHA384):
		return crypto.SHA384, nil
	case name.Equal(oidSHA512):
		return crypto.SHA512, nil
	}
	return 0, fmt.Errorf("digest algorithm %s, want SHA-256, SHA-384 or SHA-512", name)
}

func sum(h crypto.Hash, b []byte) []byte {
	d := h.New()
	d.Write(b)
	return d.Sum(nil)
}

var (
	tag0    = asn1.Tag(0).ContextSpecific()
	tag1    = asn1.Tag(1).ContextSpecific()
	inside0 = tag0.Constructed()
	inside1 = tag1.Constructed()
)

// reader takes DER apart. After the first element that is not as wanted it
// gives nothing more, and err says which that was.
type reader struct {
	rest cryptobyte.String
	err  error
}

func read(der []byte) *reader { return &reader{rest: der} }

func (r *reader) want(ok bool, what string) {
	if r.err == nil && !ok {
		r.err = errors.New(what + ": not the DER that belongs here")
	}
	if r.err != nil {
		r.rest = nil
	}
}

// in goes into an element.
func (r *reader) in(tag asn1.Tag, what string) *reader {
	var s cryptobyte.String
	r.want(r.rest.ReadASN1(&s, tag), what)
	return &reader{s, r.err}
}

// whole takes an element with its tag and length.
func (r *reader) whole(tag asn1.Tag, what string) []byte {
	var s cryptobyte.String
	r.want(r.rest.ReadASN1Element(&s, tag), what)
	return s
}

// any is whole for an element of whatever tag.
func (r *reader) any(what string) []byte {
	var s cryptobyte.String
	var tag asn1.Tag
	r.want(r.rest.ReadAnyASN1Element(&s, &tag), what)
	return s
}

func (r *reader) has(tag asn1.Tag) bool { return r.err == nil && r.rest.PeekASN1Tag(tag) }

func (r *reader) name(what string) oid {
	var o oid
	r.want(r.rest.ReadASN1ObjectIdentifier(&o), what)
	return o
}

func (r *reader) number(want int, what string) {
	var n int
	r.want(r.rest.ReadASN1Integer(&n) && n == want, fmt.Sprintf("%s, which is %d", what, want))
}

// algorithm reads an AlgorithmIdentifier without parameters: NULL or nothing.
func (r *reader) algorithm(what string) oid {
	in := r.in(asn1.SEQUENCE, what)
	name := in.name(what)
	if in.has(asn1.NULL) {
		in.leave(in.in(asn1.NULL, what), what)
	}
	r.leave(in, what)
	return name
}

// leave goes out of an element, which must have been read to its end.
func (r *reader) leave(in *reader, what string) {
	if err := in.end(what); r.err == nil {
		r.err = err
	}
}

// end tells what went wrong, or that something is left over.
func (r *reader) end(what string) error {
	r.want(len(r.rest) == 0, "the end of "+what)
	return r.err
}

func addAlgorithm(b *cryptobyte.Builder, name oid, null bool) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(name)
		if null {
			b.AddASN1NULL()
		}
	})
}

func build(add func(*cryptobyte.Builder)) []byte {
	var b cryptobyte.Builder
	add(&b)
	return b.BytesOrPanic()
}
