package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"slipway/testdata/peer"
)

// find lists the files below dir with an ending.
func find(t *testing.T, dir, ending string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.HasSuffix(path, ending) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// checkSignatures: gpg, with nothing but the KEY beside the files, accepts
// every signature; and every package and update has one.
func checkSignatures(t *testing.T, dir string) {
	peer.Path(t, "gpg")
	releases := filepath.Join(dir, "publish", "skiff", "releases")
	home, err := os.MkdirTemp("", "gpg") // short: gpg's sockets have short paths
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(home)
	gpg := func(args ...string) error {
		out, err := exec.Command("gpg", append([]string{"--homedir", home, "--batch", "--quiet", "--no-autostart"}, args...)...).CombinedOutput()
		if err != nil {
			t.Logf("gpg %q: %s", args, out)
		}
		return err
	}
	if err := gpg("--import", filepath.Join(releases, "1.2", "KEY")); err != nil {
		t.Fatal(err)
	}
	signed := map[string]bool{}
	for _, asc := range find(t, releases, ".asc") {
		signed[strings.TrimSuffix(asc, ".asc")] = true
		if err := gpg("--verify", asc, strings.TrimSuffix(asc, ".asc")); err != nil {
			t.Errorf("%s: %v", asc, err)
		}
	}
	for _, ending := range []string{".tar.xz", ".tar.gz", ".zip", ".mar", "SUMS"} {
		for _, path := range find(t, releases, ending) {
			if !signed[path] {
				t.Errorf("%s has no signature", path)
			}
		}
	}
	if len(signed) < 150 {
		t.Errorf("%d signatures, want 150 and more", len(signed))
	}
}

// checkPrograms: osslsigncode accepts the program of every Windows package.
func checkPrograms(t *testing.T, dir string) {
	peer.Path(t, "osslsigncode")
	peer.Path(t, "unzip")
	packages := find(t, filepath.Join(dir, "publish", "skiff", "releases"), ".zip")
	for _, path := range packages {
		out := t.TempDir()
		if msg, err := exec.Command("unzip", "-q", path, "-d", out).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", path, err, msg)
		}
		exe := filepath.Join(out, "skiff", "skiff.exe")
		cmd := exec.Command("osslsigncode", "verify", "-CAfile", filepath.Join(dir, "keys", "code.crt"), "-in", exe)
		if msg, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(msg), "Skiff") {
			t.Errorf("%s: %v\n%s", path, err, msg)
		}
	}
	if len(packages) < 18 { // 3 releases of 6 languages, and the partners'
		t.Errorf("%d Windows packages, want 18 and more", len(packages))
	}
}

// checkSums: sha256sum and sha512sum accept every line.
func checkSums(t *testing.T, dir string) {
	for _, version := range demoVersions {
		for sums, program := range map[string]string{"SHA256SUMS": "sha256sum", "SHA512SUMS": "sha512sum"} {
			peer.Path(t, program)
			cmd := exec.Command(program, "--check", "--strict", "--quiet", sums)
			cmd.Dir = filepath.Join(dir, "publish", "skiff", "releases", version)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s of %s: %v\n%s", sums, version, err, out)
			}
		}
	}
}

// checkEntries: xz accepts every entry of every MAR of the last release.
func checkEntries(t *testing.T, slipway, dir string) {
	peer.Path(t, "xz")
	mars := find(t, filepath.Join(dir, "publish", "skiff", "releases", "1.2", "update"), ".mar")
	if len(mars) != 54 { // 3 platforms × 6 languages × (a complete and two partials)
		t.Errorf("%d MARs, want 54", len(mars))
	}
	for _, mar := range mars {
		out := filepath.Join(t.TempDir(), "entries")
		if msg, err := exec.Command(slipway, "mar", "extract", "--raw", mar, out).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", mar, err, msg)
		}
		entries := find(t, out, "")
		if msg, err := exec.Command("xz", append([]string{"--test", "--format=xz", "--"}, entries...)...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", mar, err, msg)
		}
		if len(entries) < 3 {
			t.Errorf("%s has %d entries", mar, len(entries))
		}
	}
}
