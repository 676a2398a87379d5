package authenticode

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/testdata/peer"
)

// osslsigncode is another implementation: it takes ours, we take its, and what
// it takes out again is the file that went in.
func TestOsslsigncodeTakesOursAndWeItsOwn(t *testing.T) {
	ossl := peer.Path(t, "osslsigncode")
	for name, key := range map[string]crypto.Signer{"RSA": rsaKey(), "ECDSA": ecKey(t)} {
		t.Run(name, func(t *testing.T) {
			p := newPublisher(t, key)
			dir := t.TempDir()
			root, chain := write(t, dir, "root.pem", certPEM(p.root.cert)), write(t, dir, "chain.pem", certPEM(p.leaf.cert))
			secret := write(t, dir, "key.pem", p.secret)
			for extra := range 9 {
				plain := program(extra)
				signed := write(t, dir, "ours.exe", p.sign(t, plain, Options{Description: "Skiff ⛵", URL: "https://skiff.example/"}))
				out, err := exec.Command(ossl, "verify", "-CAfile", root, "-in", signed).CombinedOutput()
				if err != nil || !strings.Contains(string(out), "Succeeded") || !strings.Contains(string(out), "https://skiff.example/") {
					t.Fatalf("%d bytes behind the sections: %v\n%s", extra, err, out)
				}
				if strings.Contains(string(out), "MISMATCH") {
					t.Errorf("%d bytes behind the sections:\n%s", extra, out)
				}
				theirs := filepath.Join(dir, "theirs.exe")
				os.Remove(theirs)
				if out, err := exec.Command(ossl, "sign", "-h", "sha256", "-certs", chain, "-key", secret,
					"-in", write(t, dir, "plain.exe", plain), "-out", theirs).CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				b := must(os.ReadFile(theirs))(t)
				if _, err := Verify(b, Trust{Certificate: p.leaf.cert, Roots: p.pool(), Now: now}); err != nil {
					t.Errorf("theirs, %d bytes behind the sections: %v", extra, err)
				}
			}
		})
	}
}

func TestGoProgram(t *testing.T) {
	ossl := peer.Path(t, "osslsigncode")
	dir := t.TempDir()
	source := write(t, dir, "main.go", []byte("package main\n\nfunc main() { println(\"ahoy\") }\n"))
	p := newPublisher(t, rsaKey())
	root := write(t, dir, "root.pem", certPEM(p.root.cert))
	exe := filepath.Join(dir, "ahoy.exe")
	build := exec.Command("go", "build", "-o", exe, source)
	build.Env = append(os.Environ(), "GOOS=windows", "GOARCH=386", "CGO_ENABLED=0") // 32-bit headers, and a symbol table behind the sections
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	signed := p.sign(t, must(os.ReadFile(exe))(t), Options{})
	out, err := exec.Command(ossl, "verify", "-CAfile", root, "-in", write(t, dir, "signed.exe", signed)).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// The Go project keeps a program that Microsoft's own tool signed, with a
// timestamp, beside a module that we use.
func TestMicrosoftsTool(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	if err != nil {
		t.Fatal(err)
	}
	file := must(os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "windows/testdata/ev-signed-file.exe")))(t)
	m := must(parse(file))(t)
	d := must(readSignedData(must(m.pkcs7())(t)))(t)
	cert := must(d.certificate())(t)
	s, err := Verify(file, Trust{Certificate: cert, Timestamped: true})
	if err != nil {
		t.Fatal(err)
	}
	if s.Timestamp.Year() < 2015 || s.TSA == nil {
		t.Errorf("timestamp of %s", s.Timestamp)
	}
	if _, err := Verify(file, Trust{Roots: newPublisher(t, rsaKey()).pool(), Now: now}); err == nil {
		t.Error("it counts with roots that are not its own")
	}
}

// Timestamps are openssl's, over a server of ours that only hands on.
func TestTimestamp(t *testing.T) {
	ossl := peer.Path(t, "osslsigncode")
	p := newPublisher(t, rsaKey())
	tsa := newTSA(t, p.root)
	o := Options{TSA: &TSA{URL: tsa.URL}}
	signed := p.sign(t, program(0), o)
	// When the certificate has ended, the timestamp still says that it was good.
	late := p.leaf.cert.NotAfter.Add(time.Hour)
	s, err := Verify(signed, Trust{Roots: p.pool(), Now: late, Timestamped: true})
	if err != nil || s.Timestamp.Sub(now).Abs() > time.Hour || !s.TSA.Equal(tsa.cert) {
		t.Errorf("%v; timestamp %s by %v", err, s.Timestamp, s.TSA)
	}
	plain := p.sign(t, program(0), Options{})
	if _, err := Verify(plain, Trust{Roots: p.pool(), Now: late}); err == nil || !strings.Contains(err.Error(), "is good from") {
		t.Errorf("without a timestamp: %v", err)
	}
	if _, err := Verify(plain, Trust{Roots: p.pool(), Now: now, Timestamped: true}); err == nil {
		t.Error("without a timestamp it counts where one is asked for")
	}
	dir := t.TempDir()
	root := write(t, dir, "root.pem", certPEM(p.root.cert))
	out, err := exec.Command(ossl, "verify", "-CAfile", root, "-TSA-CAfile", root, "-in", write(t, dir, "a.exe", signed)).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Timestamp Server Signature verification: ok") {
		t.Errorf("%v\n%s", err, out)
	}
	// A timestamp of another signature is none.
	other := newPublisher(t, ecKey(t))
	d := must(readSignedData(must(must(parse(signed))(t).pkcs7())(t)))(t)
	m := must(parse(program(0)))(t)
	e := must(other.signature(t.Context(), m, Options{}))(t)
	e.unsigned = d.unsigned
	if _, err := Verify(m.attach(e.encode()), Trust{Certificate: other.leaf.cert}); err == nil || !strings.Contains(err.Error(), "timestamp: is of something with digest") {
		t.Errorf("another's timestamp: %v", err)
	}
}

// Anyone can run a timestamp server, and let it say that an ended certificate
// was still good: only roots make a timestamp move the date.
func TestAStrangersTimestampMovesNoDate(t *testing.T) {
	p := newPublisher(t, ecKey(t))
	stranger := issue(t, nil, ecKey(t), func(c *x509.Certificate) { authority(c); c.Subject.CommonName = "Stranger" })
	signed := p.sign(t, program(0), Options{TSA: &TSA{URL: newTSA(t, stranger).URL}})
	theirs := x509.NewCertPool()
	theirs.AddCert(stranger.cert)
	late := p.leaf.cert.NotAfter.Add(time.Hour)
	for name, c := range map[string]struct {
		trust Trust
		want  string
	}{
		"good now":                    {Trust{Certificate: p.leaf.cert, Now: now, Timestamped: true}, ""},
		"no date asked":               {Trust{Certificate: p.leaf.cert, Timestamped: true}, ""},
		"ended":                       {Trust{Certificate: p.leaf.cert, Now: late, Timestamped: true}, "give the roots of timestamps"},
		"ended, the server trusted":   {Trust{Certificate: p.leaf.cert, TimestampRoots: theirs, Now: late}, ""},
		"ended, another trusted":      {Trust{Certificate: p.leaf.cert, TimestampRoots: p.pool(), Now: late}, "timestamp: certificate"},
		"good now, another trusted":   {Trust{Certificate: p.leaf.cert, TimestampRoots: p.pool(), Now: now}, "timestamp: certificate"},
		"the signer's roots are all":  {Trust{Roots: p.pool(), Now: late}, "timestamp: certificate"},
		"roots for either":            {Trust{Roots: p.pool(), TimestampRoots: theirs, Now: late}, ""},
		"a signer of the server's CA": {Trust{Roots: theirs, TimestampRoots: theirs, Now: now}, "unknown authority"},
	} {
		_, err := Verify(signed, c.trust)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestTimestampServersThatDoNotServe(t *testing.T) {
	p := newPublisher(t, ecKey(t))
	tsa := newTSA(t, p.root)
	for name, how := range map[string]string{
		"gone":            "http://127.0.0.1:1/",
		"busy":            tsa.URL + "/busy",
		"a page":          tsa.URL + "/page",
		"refuses":         tsa.URL + "/refuse",
		"an old answer":   tsa.URL + "/replay",
		"endless":         tsa.URL + "/endless",
		"cut":             tsa.URL + "/cut",
		"of another file": tsa.URL + "/other",
	} {
		_, err := Sign(t.Context(), program(0), p.Key, Options{TSA: &TSA{URL: how}})
		if e := new(TSAError); !errors.As(err, &e) || !strings.Contains(err.Error(), "timestamp server http") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSameBytes(t *testing.T) {
	for _, key := range []crypto.Signer{rsaKey(), ecKey(t)} {
		p := newPublisher(t, key)
		o := Options{Description: "Skiff", URL: "https://skiff.example/"}
		if !bytes.Equal(p.sign(t, program(3), o), p.sign(t, program(3), o)) {
			t.Errorf("%T: signed twice, the bytes differ", key)
		}
	}
}
