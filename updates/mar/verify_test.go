package mar

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/testdata/peer"
)

// openssl, given the signed ranges and nothing of ours, accepts our signatures
// and Mozilla's, and refuses them over the whole file.
func TestOpensslVerifies(t *testing.T) {
	openssl := peer.Path(t, "openssl")
	other := quickKey(t)
	for name, file := range map[string][]byte{
		"Mozilla's": sample(t, "new.signed.mar"),
		"ours":      sign(t, small(t), sampleKey(t)),
		"two":       sign(t, small(t), sampleKey(t), other),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			a := parse(t, file)
			var signed []byte
			for _, r := range a.SignedRanges() {
				signed = append(signed, file[r.Offset:r.Offset+r.Size]...)
			}
			save := func(name string, b []byte) string {
				path := filepath.Join(dir, name)
				if err := os.WriteFile(path, b, 0o600); err != nil {
					t.Fatal(err)
				}
				return path
			}
			for i, key := range []*rsa.PrivateKey{sampleKey(t), other}[:len(a.Signatures)] {
				der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
				if err != nil {
					t.Fatal(err)
				}
				args := []string{
					"dgst", "-sha384",
					"-verify", save("key", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
					"-signature", save("sig", a.Signatures[i].Bytes),
				}
				if out, err := exec.Command(openssl, append(args, save("signed", signed))...).CombinedOutput(); err != nil {
					t.Errorf("signature %d: %v: %s", i+1, err, out)
				}
				if exec.Command(openssl, append(args, save("file", file))...).Run() == nil {
					t.Errorf("signature %d fits the whole file", i+1)
				}
			}
		})
	}
}

// MAR-4, MAR-5
func TestVerifyRefusals(t *testing.T) {
	one, two := sampleKey(t), quickKey(t)
	both := sign(t, small(t), one, two)
	a := parse(t, both)
	swapped := bytes.NewBuffer(nil)
	if err := Attach(swapped, a, a.Signatures[1].Bytes, a.Signatures[0].Bytes); err != nil {
		t.Fatal(err)
	}
	other := small(t)
	other[130] ^= 1
	moved := bytes.NewBuffer(nil)
	if err := Attach(moved, parse(t, other), a.Signatures[0].Bytes); err != nil {
		t.Fatal(err)
	}
	appended := bytes.NewBuffer(nil)
	if err := Attach(appended, parse(t, small(t)), a.Signatures[0].Bytes); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		file []byte
		keys []*rsa.PrivateKey
		want string
	}{
		{"both", both, []*rsa.PrivateKey{one, two}, ""},
		{"no key", both, nil, "no key"},
		{"one key for two", both, []*rsa.PrivateKey{one}, "has 2 signatures, want 1"},
		{"keys swapped", both, []*rsa.PrivateKey{two, one}, "signature 1 (RSA-PKCS1-SHA384) does not fit key 1"},
		{"second key wrong", both, []*rsa.PrivateKey{one, one}, "signature 2"},
		{"signatures swapped", swapped.Bytes(), []*rsa.PrivateKey{one, two}, "signature 1"},
		{"unsigned", small(t), []*rsa.PrivateKey{one}, "has 0 signatures, want 1"},
		{"signature of another file", moved.Bytes(), []*rsa.PrivateKey{one}, "signature 1"},
		// The count of signatures is signed: taking one of two away breaks the other.
		{"one of two left", appended.Bytes(), []*rsa.PrivateKey{one}, "signature 1"},
	} {
		var keys []*rsa.PublicKey
		for _, k := range c.keys {
			keys = append(keys, &k.PublicKey)
		}
		err := Verify(parse(t, c.file), keys, VerifyOptions{})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got error %v, want %q", c.name, err, c.want)
		}
	}
}

// SHA-1 signatures of old releases are read and named; only who asks for it
// may trust them.
func TestLegacySHA1(t *testing.T) {
	key := quickKey(t)
	f := honest()
	f.sigs = []forgedSig{{uint32(SHA1), uint32(key.Size()), make([]byte, key.Size())}}
	f.records[0].offset += uint32(sigHeadSize + key.Size())
	a := parse(t, f.bytes())
	h := sha1.New()
	if err := a.hash(a, h, nil); err != nil {
		t.Fatal(err)
	}
	sig, err := rsa.SignPKCS1v15(nil, key, crypto.SHA1, h.Sum(nil))
	if err != nil {
		t.Fatal(err)
	}
	f.sigs[0].bytes = sig
	b := f.bytes()
	keys := []*rsa.PublicKey{&key.PublicKey}
	if err := Verify(parse(t, b), keys, VerifyOptions{}); err == nil || !strings.Contains(err.Error(), "legacy SHA-1 not allowed") {
		t.Errorf("got error %v", err)
	}
	if err := Verify(parse(t, b), keys, VerifyOptions{AllowSHA1: true}); err != nil {
		t.Error(err)
	}
	if !slices.ContainsFunc(check(b), func(f Finding) bool {
		return f.Level == Fails && f.Code == SignatureError && strings.Contains(f.What, "legacy")
	}) {
		t.Errorf("Check does not name it: %v", check(b))
	}
}

func TestParseKeys(t *testing.T) {
	cert := sample(t, "c.pem")
	block, _ := pem.Decode(cert)
	der, err := x509.MarshalPKIXPublicKey(&sampleKey(t).PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"certificate": cert, "certificate DER": block.Bytes, "key DER": der,
		"key": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}),
	} {
		keys, err := ParseKeys(b)
		if err != nil || len(keys) != 1 || !keys[0].Equal(&sampleKey(t).PublicKey) {
			t.Errorf("%s: %v, error %v", name, keys, err)
		}
	}
	if keys, err := ParseKeys(append(bytes.Clone(cert), cert...)); err != nil || len(keys) != 2 {
		t.Errorf("two certificates: %d keys, error %v", len(keys), err)
	}
	both := append(bytes.Clone(sample(t, "k.pem")), cert...)
	if keys, err := ParseKeys(both); err != nil || len(keys) != 1 {
		t.Errorf("key and certificate: %d keys, error %v", len(keys), err)
	}
	for _, b := range [][]byte{sample(t, "k.pem"), both, append(bytes.Clone(cert), sample(t, "k.pem")...)} {
		if key, err := ParsePrivateKey(b); err != nil || !key.Equal(sampleKey(t)) {
			t.Errorf("private key: error %v", err)
		}
	}
	locked := bytes.Replace(sample(t, "k.pem"), []byte("BEGIN PRIVATE KEY-----\n"), []byte("BEGIN PRIVATE KEY-----\nDEK-Info: x\n\n"), 1)
	if _, err := ParsePrivateKey(locked); !errors.Is(err, ErrLocked) {
		t.Errorf("locked in the old way: got error %v", err)
	}
	for name, b := range map[string][]byte{"private key": sample(t, "k.pem"), "text": []byte("key"), "empty": nil} {
		if _, err := ParseKeys(b); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// What is well-formed and still fails on a user's machine.
func TestCheckWellFormed(t *testing.T) {
	xz := "\xfd7zXZ\x00"
	for _, c := range []struct {
		name string
		file []byte
		want string
		code int
	}{
		{"no manifest", write(t, Bytes("a", 0o644, []byte(xz))), "has no entry", Crashes},
		{"empty entry", write(t, Bytes(ManifestName, 0o644, []byte(xz)), Bytes("a", 0o644, nil)), `entry 2 "a" has no bytes`, EmptyEntry},
		{"bz2 entry", write(t, Bytes(ManifestName, 0o644, []byte("BZh9"))), "starts with 42 5a 68 39", XZError},
		{"placeholder", placeholder(t), "signature 1 is all zeros: a placeholder", SignatureError},
		{"two signatures", sign(t, small(t), quickKey(t), quickKey(t)), "wants exactly one", SignatureError},
	} {
		findings := check(c.file)
		if !slices.ContainsFunc(findings, func(f Finding) bool {
			return f.Level == Fails && f.Code == c.code && strings.Contains(f.What, c.want)
		}) {
			t.Errorf("%s: found %v, want %q, %s", c.name, findings, c.want, Outcome(c.code))
		}
	}
	if f := check(sign(t, small(t), quickKey(t))); len(f) != 0 {
		t.Errorf("a signed archive: found %v", f)
	}
}

// placeholder is an archive with room for a signature that is made elsewhere.
func placeholder(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Attach(&b, parse(t, small(t)), make([]byte, 256)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A malformed archive is searched to the end: one run names everything.
func TestCheckGoesOn(t *testing.T) {
	f := honest()
	f.size, f.tail, f.records[0].mode = 1, []byte("tail"), 0o4755
	var got []string
	for _, f := range check(f.bytes()) {
		got = append(got, f.What)
	}
	for _, want := range []string{"says the file has 1 bytes", "is not signed", "not as an xz stream", "no entry", "mode 04755", "4 bytes behind the index"} {
		if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, want) }) {
			t.Errorf("found %q, nothing says %q", got, want)
		}
	}
}
