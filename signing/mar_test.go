package signing

import (
	"bytes"
	"context"
	"crypto/rsa"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"slipway/testdata/peer"
	"slipway/updates/mar"
)

func TestMARSigning(t *testing.T) {
	ctx, s := context.Background(), openStore(t)
	files := must(NewDemoFiles("test", "Skiff", "demo@skiff.example", born))
	key, err := OpenMARKey(files.MARKey, files.MARCertificate)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	err = mar.Write(&b, mar.Contents{
		Entries: []mar.Content{mar.Bytes("a.txt", 0o644, []byte("text"))}, Channel: "skiff-release", Version: "1.2",
	})
	if err != nil {
		t.Fatal(err)
	}
	file := File{"skiff-1.2.complete.mar", put(t, s, b.String())}
	signer := &MARSigner{Store: s, Keys: []*MARKey{key}}
	got, err := signer.Sign(ctx, MARJob{file, []string{key.ID()}, when})
	if err != nil {
		t.Fatal(err)
	}
	if second, err := signer.Sign(ctx, MARJob{file, []string{key.ID()}, when}); err != nil || second.MAR != got.MAR {
		t.Errorf("signed twice: %v and %v, %v", got.MAR, second.MAR, err)
	}
	if l := got.Ledger[0]; l.Kind != "mar" || l.Digest != got.MAR.Digest || l.Key != key.ID() || !l.When.Equal(when) {
		t.Errorf("ledger: %+v", l)
	}
	other, err := DemoRSA("other")
	if err != nil {
		t.Fatal(err)
	}
	if err := VerifyMAR(ctx, s, got.MAR.Digest, []*rsa.PublicKey{&other.PublicKey}); err == nil {
		t.Error("another key verifies the signature")
	}
	for name, c := range map[string]struct {
		job  MARJob
		want string
	}{
		"signed already": {MARJob{File{"x.mar", got.MAR.Digest}, []string{key.ID()}, when}, "signing x.mar: has 1 signatures already"},
		"other key":      {MARJob{file, []string{strings.Repeat("ab", 32)}, when}, "the plan wants abab"},
		"no key":         {MARJob{file, nil, when}, "1 keys are open, the plan wants 0"},
		"no MAR":         {MARJob{File{"x", put(t, s, "text")}, []string{key.ID()}, when}, "signing x: "},
	} {
		if _, err := signer.Sign(ctx, c.job); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}

func TestMARKeysAreRefused(t *testing.T) {
	files := must(NewDemoFiles("test", "Skiff", "demo@skiff.example", born))
	keyPEM, certPEM := files.MARKey, files.MARCertificate
	otherCert := must(NewDemoFiles("other", "Skiff", "demo@skiff.example", born)).MARCertificate
	openssl := peer.Path(t, "openssl")
	file := filepath.Join(t.TempDir(), "k")
	gen := func(args ...string) []byte {
		t.Helper()
		if out, err := exec.Command(openssl, append(args, "-out", file)...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	small := gen("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024")
	locked := gen("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-aes256", "-pass", "pass:x")
	ec := gen("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
	for name, c := range map[string]struct {
		key, cert []byte
		want      string
	}{
		"other certificate": {keyPEM, otherCert, "do not belong together"},
		"two certificates":  {keyPEM, append(bytes.Clone(certPEM), otherCert...), "holds 2, want one"},
		"two keys":          {append(bytes.Clone(keyPEM), keyPEM...), certPEM, "several private keys"},
		"no key":            {[]byte("x"), certPEM, "no PEM block"},
		"certificate":       {certPEM, certPEM, `PEM blocks ["CERTIFICATE"]`},
		"small":             {small, certPEM, "has 1024 bits"},
		"locked":            {locked, certPEM, "locked with a passphrase"},
		"EC":                {ec, certPEM, "want RSA"},
		"junk":              {keyPEM, []byte("x"), "mar certificate: "},
	} {
		if _, err := OpenMARKey(c.key, c.cert); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}
