package release

import (
	"archive/zip"
	"bytes"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCheckFindsCodeKeys(t *testing.T) {
	t.Parallel()
	other := func(change func(*x509.Certificate)) func(*product) {
		return func(p *product) { p.codeCertificate("code", change) }
	}
	soon := other(func(c *x509.Certificate) { c.NotAfter = c.NotAfter.AddDate(0, -11, 0) })
	for name, c := range map[string]struct {
		change func(*product)
		more   string
		want   string
	}{
		"sound":              {func(*product) {}, "", ""},
		"key is gone":        {func(p *product) { os.Remove(filepath.Join(p.dir, "code.pem")) }, "", "no such file"},
		"key for all to see": {func(p *product) { os.Chmod(filepath.Join(p.dir, "code.pem"), 0o644) }, "", "lets others in"},
		"key of another":     {func(p *product) { p.codeCertificate("x", nothing); p.edit("file:code.pem", "file:x.pem") }, "", "do not belong together"},
		"over":               {other(func(c *x509.Certificate) { c.NotAfter = c.NotBefore.AddDate(0, 1, 0) }), "", "is good from"},
		"not yet":            {other(func(c *x509.Certificate) { c.NotBefore = c.NotAfter.AddDate(0, -1, 0) }), "", "is good from"},
		"soon over":          {soon, "", "and with it every signature"},
		"soon over, stamped": {soon, ", timestamp: \"http://127.0.0.1:1/\"", ""},
		"for the web":        {other(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }), "", "is not for code signing"},
	} {
		p := &product{t: t, dir: t.TempDir()}
		p.env = Env{Root: p.dir, Now: func() time.Time { return time.Unix(1_800_000_000, 0) }}
		p.codeCertificate("code", nothing)
		p.write("slipway.yaml", signedConfig(c.more))
		c.change(p)
		plan := &Plan{Config: p.config()}
		var err error
		if plan.CodeKey, err = codeKeyID(p.dir, plan.Config); err != nil {
			t.Fatal(err)
		}
		check := func(want string) {
			t.Helper()
			looked := checker{plan: plan, env: p.env}
			looked.codeKey(t.Context())
			if f := looked.found[0]; f.OK != (want == "") || !strings.Contains(f.Text, want) {
				t.Errorf("%s: %+v, want %q", name, f, want)
			}
		}
		check(c.want)
		p.codeCertificate("code", nothing)
		check("the plan has " + plan.CodeKey)
	}
}

func TestCheckFindsImportsWithoutPrograms(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{"skiff/readme.txt": "imports: win64: no file of 1 matches", "skiff/skiff.exe": ""} {
		p, _ := windowsProduct(t, "")
		p.importWindows(file)
		var found []string
		for _, f := range Check(t.Context(), p.plan("1.0", 1), p.env) {
			if !f.OK {
				found = append(found, f.What+": "+f.Text)
			}
		}
		if want == "" && len(found) > 0 || want != "" && (len(found) != 1 || !strings.Contains(found[0], want)) {
			t.Errorf("%s: found %q, want %q", file, found, want)
		}
	}
}

// importWindows makes win64 a platform that is built elsewhere.
func (p *product) importWindows(file string) {
	p.t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(file)
	if err == nil {
		_, err = w.Write([]byte("anything"))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.write("win64.zip", b.String())
	p.edit("steps: [[mkdir, out], [cp, -R, app, out/skiff], [cp, windows/Skiff.EXE, windows/skiff.dll, windows/system.dll, out/skiff]]\n    output: out",
		"builder: import\n    import: {from: win64.zip}")
}

func TestProgramPatterns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		patterns []string
		file     string
		want     bool
	}{
		{[]string{"*.exe"}, "skiff/Skiff.EXE", true},
		{[]string{"*.EXE"}, "skiff/skiff.exe", true},
		{[]string{"*.exe"}, "skiff/skiff.dll", false},
		{[]string{"*.exe", "!skiff.exe"}, "skiff/skiff.exe", false},
		{[]string{"!skiff.exe", "*.exe"}, "skiff/skiff.exe", false},
		{[]string{"skiff/lib/*.dll"}, "skiff/lib/a.dll", true},
		{[]string{"skiff/lib/*.dll"}, "skiff/a.dll", false},
		{[]string{"*.dll", "!skiff/lib/*"}, "skiff/lib/a.dll", false},
	} {
		if got := matches(c.patterns, c.file); got != c.want {
			t.Errorf("%q, %s: got %t", c.patterns, c.file, got)
		}
	}
}

func TestSigningOfProgramsIsConsistent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, new, want string }{
		"no certificate":   {", certificate: code.crt", "", "signing.authenticode: certificate is missing"},
		"no key":           {`key: "file:code.pem", `, "", "signing.authenticode: want key or signer"},
		"key and signer":   {"certificate:", "signer: [sign], certificate:", "signing.authenticode: want key or signer"},
		"a passphrase":     {`key: "file:code.pem"`, `signer: [sign], passphrase: "fd:3"`, "signing.authenticode.passphrase: there is no key"},
		"an ftp server":    {"certificate:", `timestamp: "ftp://x", certificate:`, "signing.authenticode.timestamp"},
		"a page":           {"certificate:", `url: "https://x/ä", certificate:`, "printable ASCII"},
		"nothing":          {`    authenticode: ["*.exe", "*.dll", "!system*.dll"]` + "\n", "", "no platform names what is signed"},
		"a pattern":        {"!system*.dll", "[", `platforms.win64.authenticode.2: "[": want a shell pattern`},
		"only takes out":   {`"*.exe", "*.dll", `, "", "it only takes files out"},
		"nobody signs":     {`{authenticode: {key: "file:code.pem", certificate: code.crt}}`, "{}", "has no key and certificate to sign with"},
		"the key itself":   {"file:code.pem", "-----BEGIN PRIVATE KEY-----", "never the secret itself"},
		"a slip of fields": {"certificate:", "certs:", "unknown field"},
	} {
		p := &product{t: t, dir: t.TempDir()}
		p.write("slipway.yaml", signedConfig(""))
		p.edit(c.old, c.new)
		if _, err := Load(filepath.Join(p.dir, "slipway.yaml")); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}
