package signing

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"
)

// trial signs something and verifies it, so that a broken key is found before
// anything has been done.
func (k *Key) trial(now time.Time) error {
	text := "trial of " + k.fingerprint
	asc, err := k.sign(strings.NewReader(text), now)
	if err != nil {
		return fmt.Errorf("trial signature: %w", err)
	}
	v := &Verifier{openpgp.EntityList{k.entity}, k.fingerprint, k.id}
	if err := v.verify(strings.NewReader(text), asc, now); err != nil {
		return fmt.Errorf("trial signature: %w", err)
	}
	return nil
}

// config holds what makes signatures the same each time: the given time, one
// hash, and no salt. The salt guards ed25519 against faults of the machine
// while it signs; we verify each signature instead.
func (k *Key) config(when time.Time) *packet.Config {
	salted := false
	return &packet.Config{
		DefaultHash:                           crypto.SHA512,
		Time:                                  func() time.Time { return when },
		SigningKeyId:                          k.id,
		NonDeterministicSignaturesViaNotation: &salted,
	}
}

// MaySign tells whether a signature of that time will count. Besides the key's
// birth there is a trap: who extends a key replaces its self-signature, and
// verifiers that look at the time of signing (sq, and we) find none before it.
func (k *Key) MaySign(when time.Time) error {
	if when.Before(k.created) {
		return fmt.Errorf("key %s was made %s, after the signature's time %s", k.fingerprint, stamp(k.created), stamp(when))
	}
	if _, ok := k.entity.SigningKeyById(when, k.id, nil); !ok {
		return fmt.Errorf("key %s had no valid self-signature at the signature's time %s: it has been extended or changed since; plan from a newer commit, or export the key with its former self-signatures", k.fingerprint, stamp(when))
	}
	return nil
}

// writer signs what is written to it; Close puts the armored signature in asc.
func (k *Key) writer(asc *bytes.Buffer, when time.Time) (io.WriteCloser, error) {
	when = when.UTC().Truncate(time.Second)
	if err := k.MaySign(when); err != nil {
		return nil, err
	}
	a, err := armor.Encode(asc, openpgp.SignatureType, nil)
	if err != nil {
		return nil, err
	}
	w, err := openpgp.DetachSignWriter(a, []*openpgp.Entity{k.entity}, &openpgp.SignParams{Config: k.config(when)})
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", k.fingerprint, err)
	}
	return closers{w, a, asc}, nil
}

// closers end a signature: the packet first, then the armor around it.
type closers struct {
	io.WriteCloser
	armor io.Closer
	asc   *bytes.Buffer
}

func (c closers) Close() error {
	err := errors.Join(c.WriteCloser.Close(), c.armor.Close())
	c.asc.WriteByte('\n') // armor leaves the last line open
	return err
}

// prove verifies a signature just made, without reading the file again: sum is
// SHA-512 over it, and is used up. That the key may sign was looked at before.
func (k *Key) prove(asc []byte, sum hash.Hash, when time.Time) error {
	raw, err := oneBlock(asc)
	if err != nil {
		return err
	}
	sig, err := oneSignature(raw)
	if err != nil {
		return err
	}
	by, ok := k.entity.SigningKeyById(when, k.id, nil)
	if !ok || sig.Hash != crypto.SHA512 {
		return fmt.Errorf("the signature just made is with %s, want SHA-512 by key %s", sig.Hash, k.fingerprint)
	}
	if err := by.PublicKey.VerifySignature(sum, sig); err != nil {
		return fmt.Errorf("the signature just made is not good: %w", err)
	}
	return nil
}

func (k *Key) sign(r io.Reader, when time.Time) ([]byte, error) {
	var asc bytes.Buffer
	w, err := k.writer(&asc, when)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(w, r); err != nil {
		return nil, err
	}
	err = w.Close()
	return asc.Bytes(), err
}

// Info tells about the key.
func (k *Key) Info() KeyInfo {
	info := KeyInfo{
		Fingerprint: k.fingerprint, Primary: hexOf(k.entity.PrimaryKey), Algorithm: k.algorithm,
		Created: k.created, Expires: k.expires,
	}
	if _, id := k.entity.PrimaryIdentity(time.Time{}, nil); id != nil {
		info.User = id.Name
	}
	return info
}

// Public gives the armored public key: the KEY file of a release.
func (k *Key) Public() ([]byte, error) {
	var b bytes.Buffer
	w, err := armor.Encode(&b, openpgp.PublicKeyType, nil)
	if err != nil {
		return nil, err
	}
	if err := k.entity.Serialize(w); err != nil {
		return nil, err
	}
	err = w.Close()
	b.WriteByte('\n')
	return b.Bytes(), err
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
