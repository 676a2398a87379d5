package authenticode

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// now is when everything here happens; the certificates are good around it, and
// around the real time, at which openssl's timestamps are made.
var now = time.Now().Truncate(time.Second)

// person is a certificate with its key.
type person struct {
	key  crypto.Signer
	cert *x509.Certificate
}

var serials = big.NewInt(1000)

// issue makes a certificate; a nil issuer is the person's own.
func issue(t testing.TB, issuer *person, key crypto.Signer, change func(*x509.Certificate)) *person {
	t.Helper()
	serials.Add(serials, big.NewInt(1))
	template := &x509.Certificate{
		SerialNumber: new(big.Int).Set(serials), Subject: pkix.Name{CommonName: "Skiff", Organization: []string{"Skiff Project"}},
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	change(template)
	p := &person{key: key}
	if issuer == nil {
		issuer = &person{key, template}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer.cert, key.Public(), issuer.key)
	if err != nil {
		t.Fatal(err)
	}
	if p.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return p
}

func authority(c *x509.Certificate) {
	c.Subject.CommonName, c.IsCA, c.BasicConstraintsValid = "Skiff Root", true, true
	c.KeyUsage = x509.KeyUsageCertSign
}

func codeSigning(c *x509.Certificate) {
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}
}

func ecKey(t testing.TB) crypto.Signer {
	return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
}

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

// must gives a value, or ends the test.
func must[V any](v V, err error) func(testing.TB) V {
	return func(t testing.TB) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// publisher is a key with its chain, as a publisher has them.
type publisher struct {
	*Key
	root, leaf *person
	secret     []byte
}

func newPublisher(t testing.TB, key crypto.Signer) publisher {
	t.Helper()
	root := issue(t, nil, ecKey(t), authority)
	leaf := issue(t, root, key, codeSigning)
	secret := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(key))(t)})
	k := must(OpenKey(secret, nil, []*x509.Certificate{leaf.cert, root.cert}))(t)
	return publisher{k, root, leaf, secret}
}

func (p publisher) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(p.root.cert)
	return pool
}

func (p publisher) sign(t testing.TB, file []byte, o Options) []byte {
	t.Helper()
	return must(Sign(context.Background(), file, p.Key, o))(t)
}

// program is a small PE file: 64-bit headers, two sections, and extra bytes
// behind them, as a debugger's or an installer's.
func program(extra int) []byte {
	b := make([]byte, 0x600, 0x600+extra)
	copy(b, "MZ")
	put32 := func(at int, v uint32) { binary.LittleEndian.PutUint32(b[at:], v) }
	put16 := func(at int, v uint16) { binary.LittleEndian.PutUint16(b[at:], v) }
	const pe, opt = 0x80, 0x80 + 24
	put32(0x3c, pe)
	copy(b[pe:], "PE\x00\x00")
	put16(pe+4, 0x8664)
	put16(pe+6, 2)    // sections
	put16(pe+20, 240) // optional header
	put16(pe+22, 0x22)
	put16(opt, magic64)
	put32(opt+16, 0x1000) // entry
	put32(opt+32, 0x1000) // section alignment
	put32(opt+36, 0x200)  // file alignment
	put32(opt+56, 0x3000) // size of image
	put32(opt+60, 0x200)  // size of headers
	put16(opt+68, 3)
	put32(opt+108, 16)
	for i, name := range []string{".text", ".data"} {
		h := opt + 240 + i*sectionSize
		copy(b[h:], name)
		put32(h+8, 0x200)
		put32(h+12, uint32(0x1000*(i+1)))
		put32(h+16, 0x200)
		put32(h+20, uint32(0x200*(i+1)))
		for j := range 0x200 {
			b[0x200*(i+1)+j] = byte(j * (i + 3))
		}
	}
	return append(b, bytes.Repeat([]byte("extra"), extra)[:extra]...)
}

// testdata/small.exe is the same, for the tests of other rooms. UPDATE=1 writes it.
func TestSmallProgram(t *testing.T) {
	const path = "testdata/small.exe"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, program(0), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(must(os.ReadFile(path))(t), program(0)) {
		t.Errorf("%s is not what program makes", path)
	}
}

func write(t testing.TB, dir, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func certPEM(certs ...*x509.Certificate) []byte {
	var out []byte
	for _, c := range certs {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return out
}
