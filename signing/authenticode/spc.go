package authenticode

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf16"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// peImageData is Microsoft's SpcPeImageData as its own tool writes it: no flags,
// and for a file the empty name.
var peImageData = []byte{0x30, 0x09, 0x03, 0x01, 0x00, 0xa0, 0x04, 0xa2, 0x02, 0x80, 0x00}

// indirectData says of a PE file that it has this digest, by SHA-256.
func indirectData(digest []byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oidPEImageData)
			b.AddBytes(peImageData)
		})
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			addAlgorithm(b, oidSHA256, true)
			b.AddASN1OctetString(digest)
		})
	})
	return b.BytesOrPanic()
}

// checkIndirectData holds a file against what was said of it, and gives its
// digest.
func checkIndirectData(m *image, der []byte) ([]byte, error) {
	const what = "SpcIndirectDataContent"
	top := read(der)
	in := top.in(asn1.SEQUENCE, what)
	data := in.in(asn1.SEQUENCE, what)
	kind := data.name(what)
	data.want(kind.Equal(oidPEImageData), what+": a PE file's")
	data.any(what)
	in.leave(data, what)
	digest := in.in(asn1.SEQUENCE, what)
	name := digest.algorithm(what)
	var want cryptobyte.String
	digest.want(digest.rest.ReadASN1(&want, asn1.OCTET_STRING), what)
	in.leave(digest, what)
	top.leave(in, what)
	if err := top.end(what); err != nil {
		return nil, err
	}
	h, err := hashOf(name)
	if err != nil {
		return nil, err
	}
	got := m.digest(h.New())
	if !bytes.Equal(got, want) {
		return nil, fmt.Errorf("the file has digest %x, signed was %x", got, []byte(want))
	}
	return got, nil
}

// contents are what a DER element holds: RFC 2315's digest leaves out its tag
// and length.
func contents(der []byte) []byte {
	s := cryptobyte.String(der)
	var in cryptobyte.String
	var tag asn1.Tag
	s.ReadAnyASN1(&in, &tag)
	return in
}

// opusInfo is what Windows shows of a signed program: its name and a page.
func opusInfo(description, url string) ([]byte, error) {
	if len(utf16.Encode([]rune(description))) > maxOpus || len(url) > maxOpus {
		return nil, fmt.Errorf("description or URL over %d characters", maxOpus)
	}
	for i := range len(url) {
		if url[i] <= ' ' || url[i] > '~' {
			return nil, errors.New("URL: want printable ASCII without blanks")
		}
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		if description != "" {
			b.AddASN1(inside0, func(b *cryptobyte.Builder) {
				b.AddASN1(tag0, func(b *cryptobyte.Builder) { // SpcString as BMPString
					for _, u := range utf16.Encode([]rune(description)) {
						b.AddUint16(u)
					}
				})
			})
		}
		if url != "" {
			b.AddASN1(inside1, func(b *cryptobyte.Builder) {
				b.AddASN1(tag0, func(b *cryptobyte.Builder) { b.AddBytes([]byte(url)) }) // SpcLink as IA5String
			})
		}
	})
	return b.BytesOrPanic(), nil
}

// maxOpus bounds what nobody reads to its end.
const maxOpus = 1024

// statement says that a company or person signed, not Microsoft: a SEQUENCE of
// 1.3.6.1.4.1.311.2.1.21.
var statement = []byte{0x30, 0x0c, 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x01, 0x15}
