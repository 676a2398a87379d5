package signing

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/cache"
	"slipway/signing/authenticode"
	"slipway/testdata/peer"
)

// codeSigner makes a certificate of its own with its key's files.
func codeSigner(t *testing.T) (chain []*x509.Certificate, keyFile string) {
	t.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "Skiff"}, NotBefore: when.AddDate(-1, 0, 0), NotAfter: when.AddDate(1, 0, 0),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
	}
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	keyFile = filepath.Join(t.TempDir(), "key.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(key))})
	if err := os.WriteFile(keyFile, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return []*x509.Certificate{must(x509.ParseCertificate(der))}, keyFile
}

func pemBytes(t *testing.T, path string) []byte {
	t.Helper()
	block, _ := pem.Decode(must(os.ReadFile(path)))
	return block.Bytes
}

func TestCodeKeys(t *testing.T) {
	openssl := peer.Path(t, "openssl")
	chain, keyFile := codeSigner(t)
	dir := t.TempDir()
	run := func(argv ...string) {
		t.Helper()
		if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%q: %v\n%s", argv, err, out)
		}
	}
	p12, word, cert := filepath.Join(dir, "key.p12"), filepath.Join(dir, "word"), filepath.Join(dir, "cert.pem")
	for path, text := range map[string][]byte{
		word: []byte("ahoy there\n"), cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: chain[0].Raw}),
	} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run(openssl, "pkcs12", "-export", "-inkey", keyFile, "-in", cert, "-out", p12, "-passout", "file:"+word)
	other, _ := codeSigner(t)
	for name, c := range map[string]struct {
		key   CodeKey
		chain []*x509.Certificate
		want  string
	}{
		"PEM":                  {CodeKey{Key: Ref("file:" + keyFile)}, chain, ""},
		"PKCS #12":             {CodeKey{Key: Ref("file:" + p12), Passphrase: Ref("file:" + word)}, chain, ""},
		"a signer":             {CodeKey{Signer: []string{openssl, "dgst", "-sha256", "-sign", keyFile}}, chain, ""},
		"another certificate":  {CodeKey{Key: Ref("file:" + keyFile)}, other, "do not belong together"},
		"a signer's other key": {CodeKey{Signer: []string{openssl, "dgst", "-sha256", "-sign", keyFile}}, other, "trial signature"},
		"a signer that fails":  {CodeKey{Signer: []string{openssl, "dgst", "-sign", "nowhere"}}, chain, "nowhere"},
		"an endless signer":    {CodeKey{Signer: []string{"cat", "/dev/zero"}}, chain, "cat: over 1024 bytes long"},
		"an endless talker":    {CodeKey{Signer: []string{"sh", "-c", "head -c 9999999 /dev/zero >&2; exit 1"}}, chain, "sh: exit status 1"},
		"no signer":            {CodeKey{Signer: []string{"./there-is-none"}}, chain, "there-is-none"},
		"no passphrase":        {CodeKey{Key: Ref("file:" + p12)}, chain, "needs a passphrase"},
		"another passphrase":   {CodeKey{Key: Ref("file:" + p12), Passphrase: Ref("file:" + keyFile)}, chain, "pkcs12"},
		"no key":               {CodeKey{Key: Ref("file:" + cert)}, chain, `PEM block "CERTIFICATE"`},
	} {
		var learnt []string
		_, err := c.key.Open(t.Context(), c.chain, func(s Secret) { learnt = append(learnt, string(s.Reveal())) })
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
		if err != nil && len(err.Error()) > 2*maxSaid {
			t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
		}
		if name == "PKCS #12" && !slices.Equal(learnt, []string{"ahoy there"}) {
			t.Errorf("%s: told of %q", name, learnt)
		}
	}
}

func TestProgramsInAStore(t *testing.T) {
	chain, keyFile := codeSigner(t)
	real := must(CodeKey{Key: Ref("file:" + keyFile)}.Open(t.Context(), chain, nil))
	store := openStore(t)
	program := must(os.ReadFile("authenticode/testdata/small.exe"))
	put := func(b []byte) cache.Digest { return must(store.PutBytes(t.Context(), b)).Digest }
	signer := ProgramSigner{Store: store, Key: real, Options: authenticode.Options{Description: "Skiff"}}
	job := ProgramJob{File: File{Path: "skiff/skiff.exe", Digest: put(program)}, Key: ChainID(chain)}
	first := must(signer.Sign(t.Context(), job))
	if err := VerifyProgram(t.Context(), store, first.Program.Digest, chain[0], false, when); err != nil {
		t.Error(err)
	}

	// The key is not asked again for what it signed once.
	asked := 0
	secret := must(x509.ParsePKCS8PrivateKey(pemBytes(t, keyFile))).(*ecdsa.PrivateKey)
	signer.Key = must(authenticode.NewKey(t.Context(), chain, func(_ context.Context, message []byte) ([]byte, error) {
		asked++
		digest := sha256.Sum256(message)
		return secret.Sign(nil, digest[:], crypto.SHA256)
	}))
	asked = 0 // by the trial, once
	if again := must(signer.Sign(t.Context(), job)); again != first || asked != 0 {
		t.Errorf("signed again: %+v, the key was asked %d times", again, asked)
	}

	kept := must(signer.Sign(t.Context(), ProgramJob{File: File{Path: "a.dll", Digest: first.Program.Digest}, Key: job.Key}))
	if !kept.Kept || kept.Program != first.Program {
		t.Errorf("our own signature: %+v", kept)
	}
	others, otherKey := codeSigner(t)
	foreign := ProgramSigner{Store: store, Key: must(CodeKey{Key: Ref("file:" + otherKey)}.Open(t.Context(), others, nil))}
	broken := bytes.Clone(must(store.Bytes(t.Context(), first.Program.Digest, 1<<20)))
	broken[0x300] ^= 1
	for name, c := range map[string]struct {
		signer ProgramSigner
		job    ProgramJob
		want   string
	}{
		"another's signature": {foreign, ProgramJob{File{"b.dll", first.Program.Digest}, ChainID(others)}, "signing b.dll: signed by"},
		"a broken signature":  {signer, ProgramJob{File{"c.dll", put(broken)}, job.Key}, "signing c.dll: the file has digest"},
		"no program":          {signer, ProgramJob{File{"d.dll", put([]byte("text"))}, job.Key}, "signing d.dll: is no PE file"},
		"another key":         {signer, ProgramJob{job.File, ChainID(others)}, "the plan wants"},
	} {
		if _, err := c.signer.Sign(t.Context(), c.job); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}
