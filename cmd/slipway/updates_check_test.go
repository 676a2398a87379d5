package main

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/updates/aus"
)

// A redirector's URL leads to a file by its version, locale and, through the
// release's names for a platform, its directory.
func TestRedirects(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "1.1/update/linux-x86_64/de/skiff-1.1.complete.mar")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("a package"), 0o644); err != nil {
		t.Fatal(err)
	}
	platforms := []aus.Platform{{Name: "win64", Bouncer: "win64", FTP: "win64"}, {Name: "linux64", Bouncer: "linux64", FTP: "linux-x86_64"}}
	rule := "https://dl.example/?product=skiff-{version}-complete&os={bouncer}&lang={locale}" +
		" https://cdn.example/{version}/update/{ftp}/{locale}/skiff-{version}.complete.mar"
	find, err := finder(platforms, []string{rule}, []string{"https://cdn.example/=" + dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ url, bad string }{
		{url: "https://dl.example/?product=skiff-1.1-complete&os=linux64&lang=de"},
		{url: "https://cdn.example/1.1/update/linux-x86_64/de/skiff-1.1.complete.mar"},
		{"https://dl.example/?product=skiff-1.1-complete&os=win64&lang=de", "is sent to https://cdn.example/1.1/update/win64/de/skiff-1.1.complete.mar; " + dir + "/1.1/update/win64/de/skiff-1.1.complete.mar: no such file"},
		{"https://dl.example/?product=skiff-1.1-complete&os=beos&lang=de", "no such file"},
		{"https://dl.example/?product=skiff-1.1-complete&os=linux64&lang=../de", "no --map"},
		{"https://dl.example/?product=skiff-1.1-complete&os=linux64&lang=de&x=1", "no --map"},
		{"https://xdl.example/?product=skiff-1.1-complete&os=linux64&lang=de", "no --map"},
	} {
		found, err := find(test.url, "sha256")
		switch {
		case test.bad == "" && (err != nil || found.Size != 9):
			t.Errorf("%s: %+v, %v, want the package", test.url, found, err)
		case test.bad != "" && (err == nil || !strings.Contains(err.Error(), test.bad)):
			t.Errorf("%s: %v, want %q", test.url, err, test.bad)
		}
	}
	for rule, say := range map[string]string{
		"https://a/{version}":                        "with a space between",
		"https://a/{version}/{version} https://b/":   "stands twice",
		"https://a/{version} https://b/{ftp}":        "the target has {ftp}",
		"https://a/{version} https://b/ https://c/":  "with a space between",
		"https://a/{bouncer} https://b/{ftp}/{from}": "the target has {from}",
	} {
		if _, err := finder(platforms, []string{rule}, nil); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%q: %v, want %q", rule, err, say)
		}
	}
}

// What aus wrote about a file is proven; a file that grew by a byte, and an
// answer that vanished, are named.
func TestUpdatesCheck(t *testing.T) {
	dir := t.TempDir()
	pub, answers := filepath.Join(dir, "pub"), filepath.Join(dir, "aus")
	write := func(name string, data []byte) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	marPath := filepath.Join(pub, "skiff-1.1.complete.mar")
	package11 := []byte("a package")
	write(marPath, package11)
	sum := sha512.Sum512(package11)
	release := aus.Release{
		Product: "Skiff", HashFunction: "sha512",
		Platforms: []aus.Platform{{Name: "linux64", Targets: []string{"Linux_x86_64-gcc3"}}},
		Newest: aus.Offer{Name: "Skiff-1.1-build1", AppVersion: "1.1", BuildNumber: 1, Builds: []aus.OfferBuild{{
			Platform: "linux64", BuildID: "20260301000000",
			Locales: []aus.OfferLocale{{Name: "de", Complete: aus.MAR{
				File: "skiff-1.1.complete.mar", Size: int64(len(package11)), Hash: hex.EncodeToString(sum[:]),
			}}},
		}}},
		Priors: []aus.Prior{{Name: "Skiff-1.0-build1", AppVersion: "1.0", Builds: []aus.PriorBuild{
			{Platform: "linux64", BuildID: "20260201000000", Locales: []string{"de"}},
		}}},
		Channels: []aus.Channel{{Name: "release", Complete: "https://dl.example/pub/{file}", Partial: "https://dl.example/pub/{file}"}},
	}
	files, err := aus.Generate(&release, aus.XML, aus.Snippets2, aus.Blobs)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		write(filepath.Join(answers, filepath.FromSlash(f.Name)), f.Data)
	}
	description, err := json.Marshal(release)
	if err != nil {
		t.Fatal(err)
	}
	write(filepath.Join(dir, "release.json"), description)

	check := func(wantCode int, say string) {
		t.Helper()
		var out, talk bytes.Buffer
		a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: &talk}
		code := a.run(t.Context(), []string{"slipway", "updates", "check", filepath.Join(dir, "release.json"), answers, "--map", "https://dl.example/pub/=" + pub})
		if code != wantCode || !strings.Contains(out.String(), say) {
			t.Errorf("exit %d, want %d with %q:\n%s%s", code, wantCode, say, out.String(), talk.String())
		}
	}
	check(exitDone, "")
	write(marPath, append(package11, '!'))
	check(exitCheckFailed, "has 10 bytes, clients are told 9")
	write(marPath, package11)
	for _, f := range files {
		if strings.HasPrefix(f.Name, "snippets/") {
			if err := os.Remove(filepath.Join(answers, filepath.FromSlash(f.Name))); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(filepath.Join(answers, "snippets/stray.txt"), nil)
	check(exitCheckFailed, "no update, and not retired")
}
