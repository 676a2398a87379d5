package signing

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/cache"
	"slipway/testdata/peer"
)

var (
	born = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	when = time.Date(2026, 3, 1, 10, 15, 0, 0, time.UTC)
)

func openStore(t testing.TB) *cache.Store {
	t.Helper()
	s, err := cache.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func demo(t testing.TB) *Key {
	t.Helper()
	k, err := DemoKey("test", "Skiff Demo", "demo@skiff.example", born)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func put(t testing.TB, s *cache.Store, text string) cache.Digest {
	t.Helper()
	b, err := s.PutBytes(context.Background(), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b.Digest
}

func bytesOf(t testing.TB, s *cache.Store, d cache.Digest) []byte {
	t.Helper()
	b, err := s.Bytes(context.Background(), d, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The demo's tree must be the same bytes on every machine; so must its keys.
func TestDemoKeysFollowFromTheirSeed(t *testing.T) {
	k := demo(t)
	if got, want := k.Info().Fingerprint, "CC28123E231A980CC1AA93027CBE0636FF618C9D"; got != want {
		t.Errorf("fingerprint %s, want %s", got, want)
	}
	if got, want := k.Info().User, "Skiff Demo (demo key, trust nothing) <demo@skiff.example>"; got != want {
		t.Errorf("user %q, want %q", got, want)
	}
	a, err := k.Public()
	if err != nil {
		t.Fatal(err)
	}
	b, _ := demo(t).Public()
	if !bytes.Equal(a, b) {
		t.Error("the public key differs the second time")
	}
	other, err := DemoKey("other", "Skiff Demo", "demo@skiff.example", born)
	if err != nil || other.fingerprint == k.fingerprint {
		t.Errorf("another seed gives the same key, or %v", err)
	}
	r, err := DemoRSA("test")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%d %x", r.N.BitLen(), r.N.Bytes()[:8]); got != "2048 c8173b016e66ab46" {
		t.Errorf("RSA key of %s", got)
	}
}

func TestSigningIsOnePassAndTheSameEachTime(t *testing.T) {
	ctx, s, k := context.Background(), openStore(t), demo(t)
	var files []File
	for i := range 20 {
		files = append(files, File{fmt.Sprintf("skiff-%02d.tar.xz", i), put(t, s, fmt.Sprint("file ", i))})
	}
	var first SignResult
	for _, workers := range []int{1, 8} {
		signer := &Signer{Store: s, Key: k, Workers: workers}
		got, err := signer.Sign(ctx, SignJob{files, k.fingerprint, when.In(time.FixedZone("x", 3600))})
		if err != nil {
			t.Fatal(err)
		}
		if workers == 1 {
			first = got
			continue
		}
		if a, b := fmt.Sprint(first), fmt.Sprint(got); a != b {
			t.Errorf("with 8 workers:\n%s\nwith 1:\n%s", b, a)
		}
	}
	one := first.Signed[7]
	sum := sha512.Sum512([]byte("file 7"))
	if one.SHA256 != files[7].Digest.Hex() || one.SHA512 != hex.EncodeToString(sum[:]) || one.Size != 6 {
		t.Errorf("wrong digests: %+v", one)
	}
	line := first.Ledger[7]
	if line.Path != files[7].Path || line.Digest != files[7].Digest || line.Key != k.fingerprint || !line.When.Equal(when) {
		t.Errorf("ledger: %+v", line)
	}
}

func TestSignRefuses(t *testing.T) {
	ctx, s, k := context.Background(), openStore(t), demo(t)
	signer := &Signer{Store: s, Key: k}
	file := File{"a", put(t, s, "a")}
	for name, c := range map[string]struct {
		job  SignJob
		want string
	}{
		"other key":       {SignJob{[]File{file}, strings.Repeat("AB", 20), when}, "the open key is " + k.fingerprint},
		"short id":        {SignJob{[]File{file}, k.fingerprint[24:], when}, "want the full fingerprint"},
		"before its time": {SignJob{[]File{file}, k.fingerprint, born.Add(-time.Hour)}, "was made 2026-01-02 03:04:05 UTC, after the signature's time"},
		"missing":         {SignJob{[]File{{"b", cache.Sum([]byte("b"))}}, k.fingerprint, when}, "signing b: "},
	} {
		if _, err := signer.Sign(ctx, c.job); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
	if _, err := (&Signer{Store: s}).Sign(ctx, SignJob{}); err == nil {
		t.Error("signed without a key")
	}
}

// A machine that errs while it signs ships nothing: what it makes is verified.
func TestABadSignatureIsNotHandedOut(t *testing.T) {
	ctx, s, k := context.Background(), openStore(t), demo(t)
	other, err := DemoKey("other", "Skiff Demo", "demo@skiff.example", born)
	if err != nil {
		t.Fatal(err)
	}
	k.entity.PrivateKey.PrivateKey = other.entity.PrivateKey.PrivateKey
	res, err := (&Signer{Store: s, Key: k}).Sign(ctx, SignJob{[]File{{"a", put(t, s, "a")}}, k.fingerprint, when})
	if err == nil || !strings.Contains(err.Error(), "signing a: the signature just made is not good") {
		t.Errorf("got %v, %+v", err, res)
	}
}

func TestOtherProgramsAcceptOurSignaturesAndRefuseMutations(t *testing.T) {
	ctx, s, k := context.Background(), openStore(t), demo(t)
	gpg, sq := peer.Path(t, "gpg"), peer.Path(t, "sq")
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	public, err := k.Public()
	if err != nil {
		t.Fatal(err)
	}
	key := write("KEY", public)
	home := gpgHome(t)
	if out, err := exec.Command(gpg, "--homedir", home, "--batch", "--import", key).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	res, err := (&Signer{Store: s, Key: k}).Sign(ctx, SignJob{[]File{{"a", put(t, s, "the file")}}, k.fingerprint, when})
	if err != nil {
		t.Fatal(err)
	}
	asc := bytesOf(t, s, res.Signed[0].Asc.Digest)
	verdicts := func(file, asc string) (byGpg, bySq error) {
		return exec.Command(gpg, "--homedir", home, "--batch", "--trust-model", "always", "--verify", asc, file).Run(),
			exec.Command(sq, "verify", "--signer-cert", key, "--detached", asc, file).Run()
	}
	good := write("a.asc", asc)
	if g, q := verdicts(write("a", []byte("the file")), good); g != nil || q != nil {
		t.Fatalf("gpg: %v, sq: %v\n%s", g, q, asc)
	}
	if g, q := verdicts(write("a", []byte("the filf")), good); g == nil || q == nil {
		t.Errorf("another file: gpg: %v, sq: %v", g, q)
	}
	other := exec.Command(gpg, "--homedir", home, "--batch", "--list-packets", good)
	if out, err := other.CombinedOutput(); err != nil || bytes.Contains(out, []byte("salt@notations")) {
		t.Errorf("salted, or %v:\n%s", err, out)
	}
}

func TestChecksums(t *testing.T) {
	ctx, s, k := context.Background(), openStore(t), demo(t)
	signer := &Signer{Store: s, Key: k}
	res, err := signer.Sign(ctx, SignJob{
		[]File{{"linux64/de/skiff.tar.xz", put(t, s, "de")}, {"KEY", put(t, s, "key")}}, k.fingerprint, when,
	})
	if err != nil {
		t.Fatal(err)
	}
	sums, err := signer.Checksums(ctx, ChecksumsJob{res.Signed, k.fingerprint, when})
	if err != nil {
		t.Fatal(err)
	}
	want := cache.Sum([]byte("key")).Hex() + "  KEY\n" + cache.Sum([]byte("de")).Hex() + "  linux64/de/skiff.tar.xz\n"
	if got := string(bytesOf(t, s, sums.SHA256SUMS.Digest)); got != want {
		t.Errorf("SHA256SUMS:\n%s\nwant\n%s", got, want)
	}
	prog := peer.Path(t, "sha512sum")
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "linux64/de"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"KEY": "key", "linux64/de/skiff.tar.xz": "de", "SUMS": string(bytesOf(t, s, sums.SHA512SUMS.Digest)),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(prog, "--strict", "-c", "SUMS")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("sha512sum: %v\n%s", err, out)
	}
	for name, files := range map[string][]Signed{
		"twice":     {res.Signed[0], res.Signed[0]},
		"backslash": {{Path: `a\b`, SHA256: res.Signed[0].SHA256, SHA512: res.Signed[0].SHA512}},
		"climbing":  {{Path: `../b`}},
		"newline":   {{Path: "a\nb"}},
		"no digest": {{Path: "a"}},
	} {
		if _, err := signer.Checksums(ctx, ChecksumsJob{files, k.fingerprint, when}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestCheckCounts(t *testing.T) {
	ctx, s, k := context.Background(), openStore(t), demo(t)
	public, err := k.Public()
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewVerifier(public, k.fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	a, b := File{"a", put(t, s, "a")}, File{"b", put(t, s, "b")}
	res, err := (&Signer{Store: s, Key: k}).Sign(ctx, SignJob{[]File{a, b}, k.fingerprint, when})
	if err != nil {
		t.Fatal(err)
	}
	aAsc, bAsc := File{"a.asc", res.Signed[0].Asc.Digest}, File{"b.asc", res.Signed[1].Asc.Digest}
	for name, c := range map[string]struct {
		files []File
		good  int
		want  string
	}{
		"all":     {[]File{a, aAsc, b, bAsc, {"note.txt", a.Digest}}, 2, ""},
		"missing": {[]File{a, aAsc, b}, 1, "signatures: 1 good ones for 2 files that need one\nb: has no signature"},
		"stray":   {[]File{a, aAsc, bAsc}, 1, "b.asc: signs no file"},
		"swapped": {[]File{a, {"a.asc", bAsc.Digest}}, 0, "a.asc: "},
		"twice":   {[]File{a, aAsc, aAsc}, 1, "a.asc: is there twice"},
		"empty":   {[]File{a, {"a.asc", put(t, s, "")}}, 0, "not one armored signature"},
		"surrounded": {
			[]File{a, {"a.asc", put(t, s, "signed by us\n"+string(bytesOf(t, s, aAsc.Digest)))}},
			0,
			"not one armored signature",
		},
		"twofold": {
			[]File{a, {"a.asc", put(t, s, strings.Repeat(string(bytesOf(t, s, aAsc.Digest)), 2))}},
			0,
			"not one armored signature",
		},
	} {
		good, err := v.Check(ctx, s, CheckJob{Files: c.files, Exempt: []string{"*.txt"}, Now: when})
		if good != c.good || (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %d, %v, want %d and %q", name, good, err, c.good, c.want)
		}
	}
	if _, err := v.Check(ctx, s, CheckJob{Files: []File{a, aAsc}, Now: when.Add(-time.Second)}); err == nil {
		t.Error("a signature of tomorrow was accepted")
	}
}

// gpgHome is a short path: gpg-agent's socket lies in it.
func gpgHome(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "g")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		exec.Command("gpgconf", "--homedir", dir, "--kill", "all").Run()
		os.RemoveAll(dir)
	})
	return dir
}
