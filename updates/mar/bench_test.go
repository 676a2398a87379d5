package mar

import (
	"bytes"
	"crypto/rsa"
	"io"
	"testing"
)

func benchArchive(b *testing.B) (*Archive, *rsa.PrivateKey) {
	entries := []Content{Bytes(ManifestName, 0o644, xzMagic)}
	for _, name := range []string{"omni.ja", "browser/omni.ja", "libxul.so"} {
		entries = append(entries, Bytes(name, 0o644, make([]byte, 20<<20)))
	}
	key := quickKey(b)
	return parse(b, sign(b, write(b, entries...), key)), key
}

func BenchmarkVerify(b *testing.B) {
	a, key := benchArchive(b)
	b.SetBytes(a.Size)
	b.ReportAllocs()
	for b.Loop() {
		if err := Verify(a, []*rsa.PublicKey{&key.PublicKey}, VerifyOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	a, key := benchArchive(b)
	var stripped bytes.Buffer
	if err := Strip(&stripped, a); err != nil {
		b.Fatal(err)
	}
	unsigned := parse(b, stripped.Bytes())
	b.SetBytes(a.Size)
	b.ReportAllocs()
	for b.Loop() {
		if err := Sign(io.Discard, unsigned, key); err != nil {
			b.Fatal(err)
		}
	}
}
