package signing

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"slipway/testdata/peer"
)

// keyring makes throw-away keys with gpg.
type keyring struct {
	t    testing.TB
	gpg  string
	home string
}

func newKeyring(t testing.TB) *keyring {
	k := &keyring{t, peer.Path(t, "gpg"), gpgHome(t)}
	// The agent would measure how slow passphrases can be made.
	if err := os.WriteFile(k.home+"/gpg-agent.conf", []byte("s2k-count 65536\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return k
}

// run speaks to gpg; times are those of gpg's own clock switch.
func (k *keyring) run(when time.Time, stdin string, args ...string) []byte {
	k.t.Helper()
	args = append([]string{
		"--homedir", k.home, "--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", "sesame",
		"--s2k-count", "65536", "--faked-system-time", fmt.Sprint(when.Unix()) + "!",
	}, args...)
	cmd := exec.Command(k.gpg, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		k.t.Fatalf("gpg %q: %v\n%s", args, err, errs.String())
	}
	return out
}

// fingerprints lists the primary's and then the subkeys'.
func (k *keyring) fingerprints(user string) []string {
	k.t.Helper()
	out := k.run(born, "", "--with-colons", "--with-subkey-fingerprint", "--list-secret-keys", user)
	var list []string
	for _, m := range regexp.MustCompile(`(?m)^fpr:+([0-9A-F]{40}):`).FindAllSubmatch(out, -1) {
		list = append(list, string(m[1]))
	}
	return list
}

func sesame() (Secret, error) { return Secret{[]byte("sesame")}, nil }

func TestKeysOfGpgSign(t *testing.T) {
	k := newKeyring(t)
	for _, alg := range []string{"rsa2048", "ed25519"} {
		user := alg + "@skiff.example"
		k.run(born, "", "--quick-generate-key", user, alg, "cert", "0")
		primary := k.fingerprints(user)[0]
		k.run(born, "", "--quick-add-key", primary, alg, "sign", "0")
		sub := k.fingerprints(user)[1]
		for name, secret := range map[string][]byte{
			"armored":                    k.run(born, "", "--armor", "--export-secret-keys", user),
			"binary":                     k.run(born, "", "--export-secret-keys", user),
			"subkeys, primary is a stub": k.run(born, "", "--export-secret-subkeys", user),
		} {
			spaced := regexp.MustCompile(`.{4}`).ReplaceAllString(strings.ToLower(sub), "$0 ")
			key, err := OpenKey(secret, spaced, sesame, when)
			if err != nil {
				t.Errorf("%s, %s: %v", alg, name, err)
				continue
			}
			if i := key.Info(); i.Fingerprint != sub || i.Primary != primary || !strings.Contains(i.User, user) {
				t.Errorf("%s, %s: %+v, want %s of %s", alg, name, i, sub, primary)
			}
			asc, err := key.sign(strings.NewReader("text"), when)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			os.WriteFile(dir+"/f", []byte("text"), 0o600)
			os.WriteFile(dir+"/f.asc", asc, 0o600)
			k.run(when.Add(time.Hour), "", "--verify", dir+"/f.asc", dir+"/f")
		}
	}
}

func TestKeysThatMayNotSignAreRefusedFirst(t *testing.T) {
	k := newKeyring(t)
	year := born.AddDate(1, 0, 0)
	k.run(born, "", "--quick-generate-key", "old", "ed25519", "sign", "2026-12-31")
	k.run(born, "", "--quick-generate-key", "curve", "nistp256", "sign", "0")
	k.run(born, "", "--quick-generate-key", "split", "ed25519", "cert", "0")
	split := k.fingerprints("split")[0]
	k.run(born, "", "--quick-add-key", split, "cv25519", "encr", "0")
	k.run(born, "", "--quick-add-key", split, "ed25519", "sign", "2026-06-30")
	k.run(born, "", "--quick-add-key", split, "ed25519", "sign", "0")
	subs := k.fingerprints("split")
	export := func(user string) []byte { return k.run(born, "", "--export-secret-keys", user) }
	live, public := export("split"), k.run(born, "", "--export", "split")
	// The menu of --edit-key wants a reason code, a text, and two yes.
	k.run(year, "key 3\nrevkey\ny\n1\nstolen\n\ny\nsave\n", "--command-fd", "0", "--status-fd", "2", "--edit-key", split)
	revokedSub := export("split")
	k.run(born, "", "--quick-generate-key", "gone", "ed25519", "sign", "0")
	gone := k.fingerprints("gone")[0]
	stub := k.run(born, "", "--export-secret-subkeys", "gone")
	// gpg keeps a revocation of every key that it makes, behind a colon.
	revocation, err := os.ReadFile(k.home + "/openpgp-revocs.d/" + gone + ".rev")
	if err != nil {
		t.Fatal(err)
	}
	k.run(year, string(bytes.ReplaceAll(revocation, []byte(":-----"), []byte("-----"))), "--import")

	wrong := func() (Secret, error) { return Secret{[]byte("wrong")}, nil }
	empty := func() (Secret, error) { return Secret{}, nil }
	for name, c := range map[string]struct {
		secret      []byte
		fingerprint string
		passphrase  func() (Secret, error)
		now         time.Time
		want        string
	}{
		"expired":          {export("old"), k.fingerprints("old")[0], sesame, year, "expired on 2026-12-31"},
		"not yet":          {export("old"), k.fingerprints("old")[0], sesame, born.AddDate(0, 0, -2), "is not valid before 2026-01-02 03:04:05 UTC"},
		"expired subkey":   {live, subs[2], sesame, year, "expired on 2026-06-30"},
		"cannot sign":      {live, subs[0], sesame, when, "is not for signing"},
		"ECDSA":            {export("curve"), k.fingerprints("curve")[0], sesame, when, "differ each time"},
		"encryption":       {live, subs[1], sesame, when, "is not for signing"},
		"revoked subkey":   {revokedSub, subs[3], sesame, year.AddDate(0, 0, 1), `is revoked: on 2027-01-02 03:04:05 UTC, "stolen"`},
		"revoked":          {export("gone"), gone, sesame, year.AddDate(0, 0, 1), "is revoked: as a whole"},
		"wrong passphrase": {live, subs[3], wrong, when, "wrong passphrase"},
		"empty passphrase": {live, subs[3], empty, when, "passphrase is empty"},
		"no passphrase":    {live, subs[3], nil, when, "no passphrase is configured"},
		"stub":             {stub, gone, sesame, when, "stub"},
		"other key":        {live, gone, sesame, when, "not in this key file, which holds " + subs[0]},
		"public":           {public, subs[3], sesame, when, "only its public part"},
		"short":            {live, subs[3][24:], sesame, when, "want the full fingerprint"},
		"mail address":     {live, "split", sesame, when, "want the full fingerprint"},
	} {
		_, err := OpenKey(c.secret, c.fingerprint, c.passphrase, c.now)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
	if _, err := OpenKey(live, subs[3], sesame, when); err != nil {
		t.Errorf("the good subkey among them: %v", err)
	}
}

func TestAKeyExtendedSinceThePlanSaysSo(t *testing.T) {
	k := newKeyring(t)
	k.run(born, "", "--quick-generate-key", "ext", "ed25519", "sign", "2028-01-01")
	fpr := k.fingerprints("ext")[0]
	later := when.AddDate(0, 1, 0)
	k.run(later, "", "--quick-set-expire", fpr, "2030-01-01")
	key, err := OpenKey(k.run(later, "", "--export-secret-keys", "ext"), fpr, sesame, later.AddDate(0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	if i := key.Info(); i.User != "ext" || i.Expires.Format("2006-01-02") != "2030-01-01" {
		t.Errorf("got %+v", i)
	}
	if err := key.MaySign(when); err == nil || !strings.Contains(err.Error(), "plan from a newer commit") {
		t.Errorf("before it was extended: %v", err)
	}
	if err := key.MaySign(later.AddDate(0, 0, 1)); err != nil {
		t.Errorf("after it was extended: %v", err)
	}
}

func TestHostileKeys(t *testing.T) {
	k := demo(t)
	secret := must(NewDemoFiles("test", "Skiff Demo", "demo@skiff.example", born)).OpenPGP
	block, err := armor.Decode(bytes.NewReader(secret))
	if err != nil {
		t.Fatal(err)
	}
	var raw bytes.Buffer
	if _, err := raw.ReadFrom(block.Body); err != nil {
		t.Fatal(err)
	}
	// body of a secret key of 56+… bytes: version, time, algorithm, curve, point; then how it is locked.
	public := raw.Bytes()[2 : 2+1+4+1+10+2+33]
	locked := func(usage ...byte) []byte {
		body := append(bytes.Clone(public), usage...)
		return append([]byte{0xc0 | tagSecretKey, byte(len(body))}, body...)
	}
	salt := make([]byte, 16)
	argon := func(passes, memory byte) []byte {
		return locked(append(append([]byte{253, 9, 2, 4}, salt...), passes, 4, memory)...)
	}
	with := func(at int, v byte) []byte { b := bytes.Clone(raw.Bytes()); b[at] = v; return b }
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"empty":           {nil, "neither OpenPGP packets nor an armored block"},
		"junk":            {[]byte("junk"), "neither"},
		"huge":            {make([]byte, 100<<20), "limit"},
		"torn armor":      {secret[:len(secret)/2], ""},
		"public block":    {bytes.ReplaceAll(secret, []byte("PRIVATE"), []byte("PUBLIC")), `armored block is a "PGP PUBLIC KEY BLOCK"`},
		"argon memory":    {argon(3, 31), "2^31 KiB"},
		"argon passes":    {argon(255, 16), "255 passes"},
		"unknown s2k":     {locked(254, 9, 99), "unsupported way 99"},
		"old lock":        {locked(9), "a way of 1998"},
		"cut short":       {raw.Bytes()[:20], "EOF"},
		"version 3":       {with(2, 3), "version 3 key"},
		"version 6":       {with(2, 6), "version 6 key"},
		"algorithm":       {with(7, 99), "unsupported public-key algorithm 99"},
		"curve lies":      {with(8, 250), "EOF"},
		"MPI lies":        {with(18, 255), "bits, limit 8192"},
		"foreign packets": {append(bytes.Clone(raw.Bytes()), 0xc0|11, 1, 'b'), "packet type 11"},
		"many keys":       {bytes.Repeat(raw.Bytes(), maxSecretKeys+1), "over 16 secret keys"},
		"many users":      {append(bytes.Clone(raw.Bytes()), bytes.Repeat([]byte{0xc0 | tagUserID, 1, 'u'}, maxPackets)...), "over 1000 packets"},
		"partial length":  {[]byte{0xc0 | tagSecretKey, 0xfe, 4, 0, 0, 0}, ""},
		"broken checksum": {with(2+len(public)+5, 0xff), ""},
	} {
		_, err := OpenKey(c.b, k.fingerprint, nil, when)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
	if _, err := OpenKey(secret, k.fingerprint, nil, when); err != nil {
		t.Errorf("the key itself: %v", err)
	}
}

func TestSignaturesOfOthersAreRefused(t *testing.T) {
	k, other := demo(t), must(DemoKey("other", "Other", "other@skiff.example", born))
	public := must(k.Public())
	v := must(NewVerifier(public, k.fingerprint))
	good := must(k.sign(strings.NewReader("text"), when))
	if err := v.verify(strings.NewReader("text"), good, when); err != nil {
		t.Fatal(err)
	}
	both := must(NewVerifier(publicFile(t, k, other), k.fingerprint))
	for name, c := range map[string]struct {
		v    *Verifier
		asc  []byte
		text string
		want string
	}{
		"other key":     {v, must(other.sign(strings.NewReader("text"), when)), "text", "signed by " + other.fingerprint},
		"other of ring": {both, must(other.sign(strings.NewReader("text"), when)), "text", "signed by " + other.fingerprint},
		"other text":    {v, good, "texT", ""},
		"CRLF":          {v, good, "text\r\n", ""},
		"cut":           {v, good[:len(good)-1], "text", "not one armored signature"},
		"CRLF armor":    {v, bytes.ReplaceAll(good, []byte("\n"), []byte("\r\n")), "text", "not one armored signature"},
		"two packets":   {v, armored(t, bytes.Repeat(dearmored(t, good), 2)), "text", "want exactly one"},
		"junk behind":   {v, armored(t, append(dearmored(t, good), 0)), "text", "exactly one"},
		"no packets":    {v, armored(t, nil), "text", ""},
		"large":         {v, make([]byte, maxAsc+1), "text", "limit"},
	} {
		if err := c.v.verify(strings.NewReader(c.text), c.asc, when); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
	if _, err := NewVerifier(public, other.fingerprint); err == nil {
		t.Error("a verifier for a key that is not in the file")
	}
	if _, err := NewVerifier(must(NewDemoFiles("x", "x", "x@y.example", born)).OpenPGP, k.fingerprint); err == nil {
		t.Error("a secret key was taken for a public one")
	}
}

func TestGpgsSHA1SignatureIsRefused(t *testing.T) {
	k := newKeyring(t)
	k.run(born, "", "--quick-generate-key", "sha1", "rsa2048", "sign", "0")
	fpr := k.fingerprints("sha1")[0]
	v := must(NewVerifier(k.run(born, "", "--export", "sha1"), fpr))
	for hash, want := range map[string]string{"SHA1": "signature with SHA-1", "SHA512": ""} {
		asc := k.run(when, "text", "--digest-algo", hash, "--armor", "--detach-sign", "-u", fpr)
		err := v.verify(strings.NewReader("text"), asc, when)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", hash, err)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func dearmored(t testing.TB, asc []byte) []byte {
	t.Helper()
	raw, err := oneBlock(asc)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func armored(t testing.TB, raw []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := armor.Encode(&b, openpgp.SignatureType, nil)
	if err == nil {
		w.Write(raw)
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), '\n')
}

func FuzzOpenKey(f *testing.F) {
	secret := must(NewDemoFiles("test", "Skiff Demo", "demo@skiff.example", born)).OpenPGP
	block := must(armor.Decode(bytes.NewReader(secret)))
	var raw bytes.Buffer
	must(raw.ReadFrom(block.Body))
	fpr := must(DemoKey("test", "Skiff Demo", "demo@skiff.example", born)).fingerprint
	f.Add(raw.Bytes())
	f.Add(secret)
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := OpenKey(b, fpr, sesame, when)
		if err == nil && k.fingerprint != fpr {
			t.Errorf("opened %s", k.fingerprint)
		}
	})
}

func FuzzVerify(f *testing.F) {
	k := must(DemoKey("test", "Skiff Demo", "demo@skiff.example", born))
	v := must(NewVerifier(must(k.Public()), k.fingerprint))
	asc := must(k.sign(strings.NewReader("text"), when))
	f.Add(asc, "text")
	f.Fuzz(func(t *testing.T, b []byte, text string) {
		if v.verify(strings.NewReader(text), b, when) == nil && text != "text" {
			t.Errorf("%q counts as signed", text)
		}
	})
}
