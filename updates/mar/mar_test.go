package mar

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func parse(t testing.TB, b []byte) *Archive {
	t.Helper()
	a, err := Parse(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func sampleKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	block, _ := pem.Decode(sample(t, "k.pem"))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PrivateKey)
}

func sampleCert(t testing.TB) []*rsa.PublicKey {
	t.Helper()
	keys, err := ParseKeys(sample(t, "c.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// write is a MAR of ours, small enough for exhaustive tests.
func write(t testing.TB, entries ...Content) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, Contents{Channel: "test-channel", Version: "1.0", Entries: entries}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func small(t testing.TB) []byte {
	return write(t,
		Bytes(ManifestName, 0o644, []byte("\xfd7zXZ\x00 manifest")),
		Bytes("dir/app", 0o755, []byte("\xfd7zXZ\x00 program")),
		Bytes("dir/text", 0o644, []byte("\xfd7zXZ\x00 text")))
}

func sign(t testing.TB, b []byte, signers ...crypto.Signer) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Sign(&out, parse(t, b), signers...); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What Mozilla's tools wrote, read and written again, is the same file.
func TestMozillaRoundTrip(t *testing.T) {
	for _, name := range []string{"new.complete.mar", "bsdiff.partial.mar", "zucchini.partial.mar"} {
		want := sample(t, name)
		a := parse(t, want)
		if a.Channel != "sample-channel" || a.Version != "12.0" || a.Entries[0].Name != ManifestName {
			t.Errorf("%s: read as %q %q, first entry %q", name, a.Channel, a.Version, a.Entries[0].Name)
		}
		var got bytes.Buffer
		if err := Write(&got, a.Contents()); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s: written again it differs", name)
		}
		// The sample's files are xz streams, and it is unsigned.
		if f := Check(bytes.NewReader(want), int64(len(want))); len(f) != 1 || f[0].Level != Note {
			t.Errorf("%s: Check finds %v", name, f)
		}
	}
}

// Mozilla's signer and ours make the same file, and strip undoes it.
func TestMozillaSignature(t *testing.T) {
	unsigned, signed := sample(t, "new.complete.mar"), sample(t, "new.signed.mar")
	if err := Verify(parse(t, signed), sampleCert(t), VerifyOptions{}); err != nil {
		t.Error(err)
	}
	var stripped bytes.Buffer
	if err := Strip(&stripped, parse(t, signed)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(stripped.Bytes(), unsigned) {
		t.Error("stripping the signed sample does not give the unsigned one")
	}
	if !bytes.Equal(sign(t, unsigned, sampleKey(t)), signed) {
		t.Error("signing the unsigned sample does not give the signed one")
	}
}

func TestDetachedSignature(t *testing.T) {
	a := parse(t, sample(t, "new.complete.mar"))
	key := sampleKey(t)
	digest, err := Digest(a, key.Size())
	if err != nil {
		t.Fatal(err)
	}
	// Elsewhere: a signer that sees 48 bytes and no file.
	sig, err := rsa.SignPKCS1v15(nil, key, crypto.SHA384, digest)
	if err != nil {
		t.Fatal(err)
	}
	var placeholder, signed bytes.Buffer
	if err := Attach(&placeholder, a, make([]byte, key.Size())); err != nil {
		t.Fatal(err)
	}
	held := parse(t, placeholder.Bytes())
	if again, _ := Digest(held, key.Size()); !bytes.Equal(again, digest) {
		t.Error("digest of the placeholder differs from that of the unsigned file")
	}
	if err := Attach(&signed, held, sig); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(signed.Bytes(), sample(t, "new.signed.mar")) {
		t.Error("the detached flow does not give the signed sample")
	}
}

func TestSignRefusals(t *testing.T) {
	key := sampleKey(t)
	signed := parse(t, sample(t, "new.signed.mar"))
	if err := Sign(io.Discard, signed, key); err == nil || !strings.Contains(err.Error(), "strip it first") {
		t.Errorf("signed twice: got error %v", err)
	}
	unsigned := parse(t, sample(t, "new.complete.mar"))
	if err := Sign(io.Discard, unsigned); err == nil {
		t.Error("no signer: no error")
	}
	nine := make([]crypto.Signer, MaxSignatures+1)
	for i := range nine {
		nine[i] = key
	}
	if err := Sign(io.Discard, unsigned, nine...); err == nil || !strings.Contains(err.Error(), "want 1 to 8") {
		t.Errorf("nine signers: got error %v", err)
	}
	if err := Sign(io.Discard, unsigned, faulty{key}); err == nil || !strings.Contains(err.Error(), "its own key refuses") {
		t.Errorf("faulty signer: got error %v", err)
	}
}

// faulty is a token with one wrong bit.
type faulty struct{ *rsa.PrivateKey }

func (f faulty) Sign(r io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	b, err := f.PrivateKey.Sign(r, digest, o)
	b[7] ^= 1
	return b, err
}

func TestWriteRefusals(t *testing.T) {
	x := Bytes("x", 0o644, []byte("x"))
	short := x
	short.Size = 2
	long := Bytes("x", 0o644, []byte("xy"))
	long.Size = 1
	for _, c := range []struct {
		name string
		c    Contents
		want string
	}{
		{"no entry", Contents{"c", "1", nil}, "0 entries"},
		{"no channel", Contents{"", "1", []Content{x}}, "channel id is empty"},
		{"channel list", Contents{"a,b", "1", []Content{x}}, "want none of"},
		{"long channel", Contents{strings.Repeat("c", 64), "1", []Content{x}}, "at most 63 fit"},
		{"long version", Contents{"c", strings.Repeat("1", 32), []Content{x}}, "at most 31 fit"},
		{"NUL", Contents{"c\x00", "1", []Content{x}}, "printable ASCII"},
		{"twice", Contents{"c", "1", []Content{x, x}}, "is there twice"},
		{"climbs", Contents{"c", "1", []Content{Bytes("../x", 0o644, nil)}}, `has ".." in it`},
		{"setuid", Contents{"c", "1", []Content{Bytes("x", 0o4755, nil)}}, "permission bits only"},
		{"too large", Contents{"c", "1", []Content{{Name: "x", Size: MaxSize}}}, "at most 524288000 allowed"},
		{"short", Contents{"c", "1", []Content{short}}, "1 bytes, 2 were announced"},
		{"long", Contents{"c", "1", []Content{long}}, "more bytes than the 1 announced"},
	} {
		if err := Write(io.Discard, c.c); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want %q", c.name, err, c.want)
		}
	}
}

func TestAdmit(t *testing.T) {
	a := &Archive{Channel: "c", Version: "12.0"}
	for _, c := range []struct {
		accepted []string
		running  string
		code     int
	}{
		{[]string{"b", "c"}, "11.0", Accepts},
		{nil, "12.0", Accepts},
		{[]string{"C"}, "11.0", ChannelMismatch},
		{[]string{"c"}, "12.0.1", Downgrade},
		{[]string{"c"}, "12.0b9", Accepts},
	} {
		code := Accepts
		if err := a.Admit(c.accepted, c.running); err != nil {
			code = err.(Finding).Code
		}
		if code != c.code {
			t.Errorf("accepts %q, runs %s: got %s, want %s", c.accepted, c.running, Outcome(code), Outcome(c.code))
		}
	}
}

func TestCompareVersions(t *testing.T) {
	ordered := []string{
		"1.-1", "1", "1.1a", "1.1aa", "1.1ab", "1.1b", "1.1c", "1.1pre0a", "1.1pre", "1.1pre1a", "1.1pre1aa",
		"1.1pre1b", "1.1pre1", "1.1pre2", "1.1pre10", "1.1.-1", "1.1", "1.1.1", "1.2", "1.10", "1.*", "1.*.1", "2.0", "140.1.0", "*",
	}
	for i, a := range ordered {
		for j, b := range ordered {
			got, want := CompareVersions(a, b), min(max(i-j, -1), 1)
			if got != want {
				t.Errorf("CompareVersions(%s, %s) = %d, want %d", a, b, got, want)
			}
		}
	}
	for _, same := range [][2]string{{"1", "1.0.0"}, {"1.", "1"}, {"1.0+", "1.1pre"}, {"1.01", "1.1"}} {
		if CompareVersions(same[0], same[1]) != 0 {
			t.Errorf("%s and %s differ", same[0], same[1])
		}
	}
}
