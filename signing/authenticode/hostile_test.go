package authenticode

import (
	"bytes"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"
)

// A flipped bit of a file that we signed is seen wherever it is: in the program,
// its header's checksum, the signature with its certificates, the timestamp with
// its own. The formats do not promise that; osslsigncode and Windows let many
// pass.
func TestEveryByteCounts(t *testing.T) {
	p := newPublisher(t, ecKey(t))
	tsa := newTSA(t, p.root)
	signed := p.sign(t, program(3), Options{Description: "Skiff", TSA: &TSA{URL: tsa.URL}})
	trust := Trust{Certificate: p.leaf.cert, Timestamped: true}
	if _, err := Verify(signed, trust); err != nil {
		t.Fatal(err)
	}
	b := bytes.Clone(signed)
	for i := range b {
		b[i] ^= 1 << (i % 8) // all eight take 20 s, and are seen too
		if _, err := Verify(b, trust); err == nil {
			t.Errorf("byte %#x of %#x was %#x, is %#x: still good", i, len(b), signed[i], b[i])
		}
		b[i] = signed[i]
	}
	for n := range signed {
		if _, err := Verify(signed[:n], trust); err == nil {
			t.Errorf("cut to %#x bytes: still good", n)
		}
	}
}

func TestHostileFiles(t *testing.T) {
	p := newPublisher(t, ecKey(t))
	plain := program(0)
	signed := p.sign(t, plain, Options{})
	const pe, opt = 0x80, 0x80 + 24
	const directory, sections = opt + 112 + 4*8, opt + 240
	put := func(file []byte, at int, v uint32) []byte {
		b := bytes.Clone(file)
		binary.LittleEndian.PutUint32(b[at:], v)
		return b
	}
	put16 := func(file []byte, at int, v uint16) []byte {
		b := bytes.Clone(file)
		binary.LittleEndian.PutUint16(b[at:], v)
		return b
	}
	table := len(plain)
	size := uint32(len(signed) - table)
	grown := func(n int, fill byte) []byte { // with bytes behind the PKCS #7, all sizes right
		b := append(bytes.Clone(signed), bytes.Repeat([]byte{fill}, n)...)
		return put(put(b, directory+4, size+uint32(n)), table, size+uint32(n))
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":                        {nil, `does not begin with "MZ"`},
		"a script":                       {bytes.Repeat([]byte("#!/bin/sh\n"), 100), `does not begin with "MZ"`},
		"DOS header cut":                 {plain[:63], `does not begin with "MZ"`},
		"PE header behind the end":       {put(plain, 0x3c, 0xfffffff0), "no PE header at 0xfffffff0"},
		"PE header in the DOS header":    {put(plain, 0x3c, 4), "no PE header at 0x4 "},
		"PE header at an odd place":      {append(put(plain[:pe], 0x3c, pe+1), append([]byte{0}, plain[pe:]...)...), "no PE header at 0x81"},
		"a DOS program":                  {put(plain, pe, 0), "no PE header"},
		"headers cut":                    {plain[:sections+40], "run past the end"},
		"65,535 sections":                {put16(plain, pe+6, 0xffff), "65535 sections, limit 96"},
		"no optional header":             {put16(plain, pe+20, 0), "object file"},
		"optional header of 100 bytes":   {put16(plain, pe+20, 100), "want 112 at least"},
		"optional header to the end":     {put16(plain, pe+20, 0xffff), "run past the end"},
		"a ROM image":                    {put16(plain, opt, 0x107), "optional header of kind 0x107"},
		"no room for a signature":        {put(plain, opt+108, 4), "4 data directories"},
		"4 billion directories":          {put(plain, opt+108, 0xffffffff), "4294967295 data directories"},
		"headers that end too early":     {put(plain, opt+60, 0x100), "SizeOfHeaders is 0x100"},
		"headers that end nowhere":       {put(plain, opt+60, 0xfffffe00), "SizeOfHeaders is 0xfffffe00"},
		"a gap behind the headers":       {put(plain, opt+60, 0x1f8), "section 1 begins at 0x200, want 0x1f8: a gap or an overlap"},
		"sections that overlap":          {put(plain, sections+40+20, 0x300), "section 2 begins at 0x300, want 0x400"},
		"a section twice":                {put(plain, sections+40+20, 0x200), "section 2 begins at 0x200, want 0x400"},
		"a section to 4 GiB":             {put(plain, sections+40+16, 0xffffffff), "section 2: 0xffffffff bytes at 0x400 run past the end"},
		"table of 4 GiB":                 {put(signed, directory+4, 0xffffffff), "want them to end with the file"},
		"table behind the end":           {put(signed, directory, 0xfffffff8), "want them to end with the file"},
		"table inside a section":         {put(put(signed, directory, 0x400), directory+4, uint32(len(signed)-0x400)), "inside the sections"},
		"table in the headers":           {put(signed, directory, 8), "inside the sections"},
		"table at an odd place":          {put(put(signed, directory, uint32(table+4)), directory+4, size-4), "not at a multiple of 8"},
		"table of no place":              {put(signed, directory, 0), "inside the sections"},
		"table of no size":               {put(signed, directory+4, 0), "want them to end with the file"},
		"table of 4 bytes":               {put(put(append(bytes.Clone(plain), 0, 0, 0, 0), directory, uint32(table)), directory+4, 4), "want 8 at least"},
		"bytes behind the table":         {append(bytes.Clone(signed), "payload."...), "want them to end with the file"},
		"certificate of no size":         {put(signed, table, 0), "certificate of 0 bytes"},
		"certificate of 4 GiB":           {put(signed, table, 0xffffffff), "certificate of 4294967295 bytes"},
		"another certificate behind":     {put(signed, table, size-8), "want one and no more"},
		"of an old revision":             {put16(signed, table+4, 0x100), "revision 0x100"},
		"an X.509 instead of PKCS #7":    {put16(signed, table+6, 1), "type 0x1"},
		"no DER":                         {put(signed, table+8, 0), "holds no PKCS #7"},
		"a payload (CVE-2013-3900)":      {grown(64, 'x'), "behind the PKCS #7 that nobody signed"},
		"zeros behind (CVE-2013-3900)":   {grown(64, 0), "behind the PKCS #7 that nobody signed"},
		"checksum of another file":       {put(signed, opt+64, 1), "the header's checksum is 0x1"},
		"another program, its signature": {append(put(signed[:table], 0x300, 7), signed[table:]...), "the file has digest"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Verify(c.file, Trust{Certificate: p.leaf.cert}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if b, err := Sign(t.Context(), c.file, p.Key, Options{}); err == nil {
				t.Errorf("it is signed: %d bytes", len(b))
			}
		})
	}
}

func TestWhoseSignatureCounts(t *testing.T) {
	ours, other := newPublisher(t, ecKey(t)), newPublisher(t, ecKey(t))
	signed := ours.sign(t, program(0), Options{})
	if _, err := Verify(program(0), Trust{Certificate: ours.leaf.cert}); !errors.Is(err, ErrNotSigned) {
		t.Errorf("not signed: %v", err)
	}
	if _, err := Sign(t.Context(), signed, ours.Key, Options{}); !errors.Is(err, ErrSigned) {
		t.Errorf("signed already: %v", err)
	}
	if again := other.sign(t, signed, Options{Replace: true}); !bytes.Equal(again, other.sign(t, program(0), Options{})) {
		t.Error("a replaced signature leaves traces")
	}
	before := ours.leaf.cert.NotBefore.AddDate(0, 0, -1)
	for name, c := range map[string]struct {
		trust Trust
		want  string
	}{
		"nobody":             {Trust{}, "neither a certificate nor roots"},
		"another":            {Trust{Certificate: other.leaf.cert}, "signed by"},
		"other roots":        {Trust{Roots: other.pool(), Now: now}, "unknown authority"},
		"roots without time": {Trust{Roots: ours.pool()}, "roots need a time"},
		"too early":          {Trust{Certificate: ours.leaf.cert, Now: before}, "is good from"},
	} {
		if _, err := Verify(signed, c.trust); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	if _, err := Verify(signed, Trust{Certificate: ours.leaf.cert, Roots: ours.pool(), Now: now}); err != nil {
		t.Error(err)
	}
}

// A sound signature may come with certificates that nobody signed with, or with
// attributes that nobody signed: bytes to hide something in.
func TestStowaways(t *testing.T) {
	p, other := newPublisher(t, ecKey(t)), newPublisher(t, ecKey(t))
	m := must(parse(program(0)))(t)
	d := must(p.signature(t.Context(), m, Options{}))(t)
	trust := Trust{Certificate: p.leaf.cert}
	a, b := ecKey(t), ecKey(t)
	pair := []*x509.Certificate{ // each signed by the other
		issue(t, issue(t, nil, b, authority), a, authority).cert,
		issue(t, issue(t, nil, a, authority), b, authority).cert,
	}
	var many []attribute
	for i := range 100 {
		many = append(many, attribute{oid{1, 2, 3, i}, []byte{5, 0}})
	}
	for name, c := range map[string]struct {
		change func(*signedData)
		want   string
	}{
		"none":                   {func(*signedData) {}, ""},
		"the signer's twice":     {func(d *signedData) { d.certs = append(d.certs[:2:2], p.leaf.cert) }, ""},
		"a certificate":          {func(d *signedData) { d.certs = append(d.certs[:2:2], other.leaf.cert) }, "is in nobody's chain"},
		"two that are a pair":    {func(d *signedData) { d.certs = append(d.certs[:2:2], pair...) }, "is in nobody's chain"},
		"100 certificates":       {func(d *signedData) { d.certs = slices.Repeat(d.certs, 50) }, "100 certificates, limit 16"},
		"100 attributes":         {func(d *signedData) { d.unsigned = many }, "unsigned attributes: fewer of them"},
		"an attribute":           {func(d *signedData) { d.unsigned = []attribute{{oidMessageDigest, []byte{5, 0}}} }, "unsigned attribute 1.2.840.113549.1.9.4"},
		"a timestamp of nothing": {func(d *signedData) { d.unsigned = []attribute{{oidTimestamp, []byte{5, 0}}} }, "timestamp: PKCS #7"},
		"no certificates":        {func(d *signedData) { d.certs = nil }, "not among the 0 that came along"},
		"an attribute twice":     {func(d *signedData) { d.attributes = append(d.attributes[:4:4], d.attributes[0]) }, "signed attributes: 1.2.840.113549.1.9.3 once"},
		"no digest":              {func(d *signedData) { d.attributes = d.attributes[:3] }, "have no digest"},
		"another content":        {func(d *signedData) { d.kind = oidTSTInfo }, "content of kind"},
		"another algorithm":      {func(d *signedData) { d.algorithm = oidSHA512ECDSA }, "does not fit"},
	} {
		e := *d
		c.change(&e)
		_, err := Verify(m.attach(e.encode()), trust)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}
