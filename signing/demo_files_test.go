package signing

import (
	"bytes"
	"testing"
	"time"

	"slipway/signing/authenticode"
)

// The demo must sign alike on every machine, and its files must load as any
// publisher's would.
func TestDemoFilesFollowFromTheSeedAndLoad(t *testing.T) {
	when := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	a, err := NewDemoFiles("seed", "Skiff", "release@skiff.example", when)
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewDemoFiles("seed", "Skiff", "release@skiff.example", when)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.OpenPGP, b.OpenPGP) || !bytes.Equal(a.MARKey, b.MARKey) || !bytes.Equal(a.MARCertificate, b.MARCertificate) ||
		!bytes.Equal(a.CodeKey, b.CodeKey) || !bytes.Equal(a.CodeCertificate, b.CodeCertificate) {
		t.Error("two sets of one seed differ")
	}
	key, err := OpenKey(a.OpenPGP, a.Fingerprint, nil, when)
	if err != nil {
		t.Fatal(err)
	}
	if got := key.Info().Fingerprint; got != a.Fingerprint {
		t.Errorf("loaded key %s, want %s", got, a.Fingerprint)
	}
	chain, err := authenticode.ParseChain(a.CodeCertificate)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := authenticode.OpenKey(a.CodeKey, nil, chain); err != nil {
		t.Error(err)
	}
	c, err := NewDemoFiles("other", "Skiff", "release@skiff.example", when)
	if err != nil || bytes.Equal(a.MARKey, c.MARKey) || a.Fingerprint == c.Fingerprint {
		t.Errorf("another seed gives the same keys (%v)", err)
	}
}
