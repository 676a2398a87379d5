package release

import (
	"archive/zip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/cache"
	"slipway/release/pipeline"
	"slipway/repack"
	"slipway/signing/authenticode"
	"slipway/testdata/peer"
)

const windowsConfig = `  win64:
    l10n-id: linux64
    partner-id: linux-x86_64
    build-targets: [WINNT_x86_64-msvc]
    steps: [[mkdir, out], [cp, -R, app, out/skiff], [cp, windows/Skiff.EXE, windows/skiff.dll, windows/system.dll, out/skiff]]
    output: out
    archive: zip
    root: skiff
    authenticode: ["*.exe", "*.dll", "!system*.dll"]
locales:
`

// codeCertificate writes NAME.pem and NAME.crt, of a certificate of its own.
func (p *product) codeCertificate(name string, change func(*x509.Certificate)) *x509.Certificate {
	p.t.Helper()
	now := p.env.Now()
	c := &x509.Certificate{
		SerialNumber: big.NewInt(now.Unix()), Subject: pkix.Name{CommonName: name}, NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
	}
	change(c)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		p.t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		p.t.Fatal(err)
	}
	p.write(name+".crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	p.write(name+".pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	if err := os.Chmod(filepath.Join(p.dir, name+".pem"), 0o600); err != nil {
		p.t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		p.t.Fatal(err)
	}
	return c
}

func signedConfig(more string) string {
	return strings.Replace(testConfig, "locales:\n", windowsConfig, 1) +
		"signing: {authenticode: {key: \"file:code.pem\", certificate: code.crt" + more + "}}\n"
}

func nothing(*x509.Certificate) {}

// windowsProduct is a product with a platform whose programs are signed, and the
// certificate that they are signed by. more goes into signing.authenticode.
func windowsProduct(t *testing.T, more string) (*product, *x509.Certificate) {
	t.Helper()
	p := newProduct(t)
	cert := p.codeCertificate("code", nothing)
	p.write("slipway.yaml", signedConfig(more))
	small, err := os.ReadFile("../signing/authenticode/testdata/small.exe")
	if err != nil {
		t.Fatal(err)
	}
	p.write("repos/main/windows/Skiff.EXE", string(small))
	p.write("repos/main/windows/skiff.dll", string(small)+"a library")
	p.write("repos/main/windows/system.dll", p.signedBySomebody(small))
	p.source("1.0", "first")
	return p, cert
}

func (p *product) signedBySomebody(file []byte) string {
	p.t.Helper()
	cert := p.codeCertificate("somebody", nothing)
	key, err := authenticode.OpenKey([]byte(p.read("somebody.pem")), nil, []*x509.Certificate{cert})
	if err != nil {
		p.t.Fatal(err)
	}
	signed, err := authenticode.Sign(p.t.Context(), file, key, authenticode.Options{})
	if err != nil {
		p.t.Fatal(err)
	}
	return string(signed)
}

// unzip gives the files of a published package.
func (p *product) unzip(name string) map[string][]byte {
	p.t.Helper()
	z, err := zip.OpenReader(filepath.Join(p.dir, "pub/skiff/releases", name))
	if err != nil {
		p.t.Fatal(err)
	}
	defer z.Close()
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			p.t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			p.t.Fatal(err)
		}
		r.Close()
	}
	return files
}

func TestProgramsAreSigned(t *testing.T) {
	peer.Path(t, "osslsigncode")
	t.Parallel()
	p, cert := windowsProduct(t, "")
	plan := p.plan("1.0", 1)
	for _, f := range Check(t.Context(), plan, p.env) {
		if !f.OK {
			t.Errorf("%s: %s", f.What, f.Text)
		}
	}
	if err := p.run(plan); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"1.0/win64/en-US/skiff-1.0.zip", "1.0/win64/de/skiff-1.0.zip", "partners/acme/1.0/win64/de/skiff-1.0.zip"} {
		files := p.unzip(name)
		for _, program := range []string{"skiff/Skiff.EXE", "skiff/skiff.dll"} {
			if _, err := authenticode.Verify(files[program], authenticode.Trust{Certificate: cert, Now: p.env.Now()}); err != nil {
				t.Errorf("%s: %s: %v", name, program, err)
			}
			p.write("got.exe", string(files[program]))
			cmd := exec.Command("osslsigncode", "verify", "-CAfile", "code.crt", "-time", "1800000000", "-in", "got.exe")
			cmd.Dir = p.dir
			if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "Skiff") {
				t.Errorf("%s: %s: osslsigncode: %v\n%s", name, program, err, out)
			}
		}
		for file, want := range map[string]string{"skiff/system.dll": "windows/system.dll", "skiff/program": "app/program", "skiff/readme.txt": "app/readme.txt"} {
			if string(files[file]) != p.read("repos/main/"+want) {
				t.Errorf("%s: %s is not what was built", name, file)
			}
		}
	}

	// A respin of the same commit does not sign anew: it would not even find the key.
	if err := os.Remove(filepath.Join(p.dir, "code.pem")); err != nil {
		t.Fatal(err)
	}
	p.hold = stagePush
	p.ship("1.0", 2)
	if slices.Contains(p.ran, "programs/win64") {
		t.Error("the respin signed again")
	}
}

// What cannot be signed stops the platform, and says what to do.
func TestProgramsThatAreNotSigned(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*product)
		more   string
		want   string
		class  pipeline.Class
	}{
		"another's": {
			func(p *product) { p.edit("!system*.dll", "!other.dll") }, "",
			`programs/win64: signing skiff/system.dll: signed by "CN=somebody"`, pipeline.Input,
		},
		"no program": {
			func(p *product) { p.edit(`"*.exe", "*.dll"`, `"*.scr"`) }, "",
			`no file of 6 matches ["*.scr" "!system*.dll"]`, pipeline.Input,
		},
		"no PE file": {
			func(p *product) { p.edit(`"*.exe"`, `"*.txt"`) }, "",
			"signing skiff/readme.txt: is no PE file", pipeline.Input,
		},
		"no timestamp": {func(*product) {}, ", timestamp: \"http://127.0.0.1:1/\"", "timestamp server http://127.0.0.1:1/: ", pipeline.Infra},
		"a signer that fails": {
			func(p *product) {
				p.edit(`key: "file:code.pem"`, `signer: [sh, -c, "echo the token is out >&2; exit 1"]`)
			}, "",
			"the token is out", pipeline.Infra,
		},
		"another's certificate": {
			func(p *product) { p.edit(`certificate: code.crt`, `certificate: somebody.crt`) }, "",
			"secret key and certificate do not belong together", pipeline.Policy,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _ := windowsProduct(t, c.more)
			c.change(p)
			err := p.run(p.plan("1.0", 1))
			if err == nil || !strings.Contains(err.Error(), c.want) || pipeline.ClassOf(err) != c.class {
				t.Errorf("got %s %v, want %s %q", pipeline.ClassOf(err), err, c.class, c.want)
			}
		})
	}
}

// edit changes slipway.yaml.
func (p *product) edit(old, new string) {
	p.t.Helper()
	text := p.read("slipway.yaml")
	if !strings.Contains(text, old) {
		p.t.Fatalf("slipway.yaml has no %q", old)
	}
	p.write("slipway.yaml", strings.ReplaceAll(text, old, new))
}

// A package whose programs lost their signature, by whatever came after, is
// found out before anyone gets it.
func TestVerifyPrograms(t *testing.T) {
	t.Parallel()
	p, cert := windowsProduct(t, "")
	p.hold = stagePublish
	plan := p.plan("1.0", 1)
	if err := p.run(plan); err != nil {
		t.Fatal(err)
	}
	results := map[string]pipeline.Raw{}
	for key, id := range p.made {
		results[id] = p.done[key]
	}
	verify := func(needs ...string) (pipeline.Raw, error) {
		task := pipeline.Task{ID: "verify/win64/programs", Kind: "verify-programs", Needs: needs}
		text, err := json.Marshal(verifyProgramArgs{Certificate: "code.crt", ID: plan.CodeKey, Programs: plan.Config.Platforms["win64"].Programs})
		if err != nil {
			t.Fatal(err)
		}
		task.Args = text
		c := call(task)
		for _, id := range needs {
			c.Needs = append(c.Needs, results[id])
		}
		return Kinds(p.env)["verify-programs"].Run(t.Context(), c)
	}
	if res, err := verify("programs/win64", "repack/win64/de"); err != nil || string(res.Facts) != "2" {
		t.Errorf("signed: %s, %v", res.Facts, err)
	}
	_, err := verify("programs/win64", "build/win64")
	for _, want := range []string{"build/win64: skiff/Skiff.EXE: is not signed", "build/win64: skiff/skiff.dll: is not signed"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	p.env.Now = func() time.Time { return cert.NotAfter.AddDate(0, 0, 1) }
	if _, err := verify("programs/win64"); err == nil || !strings.Contains(err.Error(), "is good from") {
		t.Errorf("after the certificate's end: %v", err)
	}
	// The signed package is the built one but for its programs.
	trees := map[string]cache.Tree{}
	for _, id := range []string{"build/win64", "programs/win64"} {
		trees[id], err = repack.Unpack(t.Context(), p.env.Store, cache.Digest(results[id].Files[0].Digest), repack.Zip, repack.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
	}
	var changed []string
	for _, d := range repack.Diff(trees["build/win64"], trees["programs/win64"]) {
		changed = append(changed, d.Path)
	}
	if !slices.Equal(changed, []string{"skiff/Skiff.EXE", "skiff/skiff.dll"}) {
		t.Errorf("signing changed %q", changed)
	}
}
