package main

import (
	"os"
	"path/filepath"

	"slipway/signing"
)

// makeDemoKeys writes keys that anyone can make again: they protect nothing,
// and let the demo's bytes be the same everywhere.
func makeDemoKeys(dir string) error {
	keys, err := signing.NewDemoFiles(demoSeed, "Skiff Release Engineering", "release@skiff.example", demoDates[0].AddDate(0, 0, -1))
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		text []byte
		mode os.FileMode
	}{
		{"openpgp.asc", keys.OpenPGP, 0o600},
		{"fingerprint.txt", []byte(keys.Fingerprint + "\n"), 0o644},
		{"mar.pem", keys.MARKey, 0o600},
		{"mar.crt", keys.MARCertificate, 0o644},
		{"code.pem", keys.CodeKey, 0o600},
		{"code.crt", keys.CodeCertificate, 0o644},
	} {
		if err := os.WriteFile(filepath.Join(dir, f.name), f.text, f.mode); err != nil {
			return err
		}
	}
	return nil
}
