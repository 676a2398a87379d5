package signing

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"
)

// Key is an OpenPGP key that has signed and verified a trial.
type Key struct {
	entity      *openpgp.Entity
	id          uint64
	fingerprint string
	created     time.Time
	expires     time.Time // zero is never
	algorithm   string
}

// KeyInfo is what may be said of a key.
type KeyInfo struct {
	Fingerprint string    `json:"fingerprint"` // of the key or subkey that signs
	Primary     string    `json:"primary"`     // of the whole; people compare this one
	User        string    `json:"user"`
	Algorithm   string    `json:"algorithm"`
	Created     time.Time `json:"created"`
	Expires     time.Time `json:"expires,omitzero"`
}

// OpenKey reads a secret key, armored or binary, and makes it ready to sign.
// fingerprint names the key or subkey that signs, in full: short IDs and mail
// addresses can be forged. passphrase is called only if the key is locked.
// now is the real time: a key that has expired must not sign, whatever date
// the signature will bear.
func OpenKey(secret []byte, fingerprint string, passphrase func() (Secret, error), now time.Time) (*Key, error) {
	fpr, err := parseFingerprint(fingerprint)
	if err != nil {
		return nil, err
	}
	k, err := openKey(secret, fpr, passphrase, now)
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", fpr, err)
	}
	return k, nil
}

func parseFingerprint(s string) (string, error) {
	fpr := strings.ToUpper(strings.ReplaceAll(s, " ", "")) // gpg prints groups of four
	if _, err := hex.DecodeString(fpr); err != nil || len(fpr) != 40 {
		return "", fmt.Errorf("key %.60q: want the full fingerprint, 40 hex digits, of the key or subkey that signs (gpg --list-secret-keys --with-subkey-fingerprint)", s)
	}
	return fpr, nil
}

func openKey(secret []byte, fpr string, passphrase func() (Secret, error), now time.Time) (*Key, error) {
	b, err := dearmor(secret, openpgp.PrivateKeyType)
	if err != nil {
		return nil, err
	}
	if err := checkPackets(b, true); err != nil {
		return nil, err
	}
	ring, err := openpgp.ReadKeyRing(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	k, private, err := choose(ring, fpr, now)
	if err != nil {
		return nil, err
	}
	if err := unlock(private, passphrase); err != nil {
		return nil, err
	}
	return k, k.trial(now)
}

// choose finds the key that fpr names, and why it may not sign.
func choose(ring openpgp.EntityList, fpr string, now time.Time) (*Key, *packet.PrivateKey, error) {
	var have []string
	for _, e := range ring {
		if hexOf(e.PrimaryKey) == fpr {
			k, err := usePrimary(e, now)
			return k, e.PrivateKey, err
		}
		have = append(have, hexOf(e.PrimaryKey))
		for i := range e.Subkeys {
			s := &e.Subkeys[i]
			if hexOf(s.PublicKey) == fpr {
				k, err := useSubkey(e, s, now)
				return k, s.PrivateKey, err
			}
			have = append(have, hexOf(s.PublicKey))
		}
	}
	return nil, nil, fmt.Errorf("not in this key file, which holds %s", strings.Join(have, ", "))
}

func hexOf(p *packet.PublicKey) string { return strings.ToUpper(hex.EncodeToString(p.Fingerprint)) }

func usePrimary(e *openpgp.Entity, now time.Time) (*Key, error) {
	sig, err := e.VerifyPrimaryKey(now, nil)
	if err != nil {
		return nil, explain(err, e.PrimaryKey, e.Identities, nil, now)
	}
	return newKey(e, e.PrimaryKey, sig), mayBeUsed(e.PrimaryKey, e.PrivateKey, sig)
}

func useSubkey(e *openpgp.Entity, s *openpgp.Subkey, now time.Time) (*Key, error) {
	if _, err := e.VerifyPrimaryKey(now, nil); err != nil {
		return nil, fmt.Errorf("its primary key %s %w", hexOf(e.PrimaryKey), explain(err, e.PrimaryKey, e.Identities, nil, now))
	}
	sig, err := s.Verify(now, nil)
	if err != nil {
		return nil, explain(err, s.PublicKey, nil, s, now)
	}
	return newKey(e, s.PublicKey, sig), mayBeUsed(s.PublicKey, s.PrivateKey, sig)
}

func mayBeUsed(pub *packet.PublicKey, priv *packet.PrivateKey, sig *packet.Signature) error {
	switch {
	case !pub.CanSign() || !sig.FlagsValid || !sig.FlagSign:
		return fmt.Errorf("is not for signing: name a key or subkey with the capability S")
	case priv == nil:
		return fmt.Errorf("the file has only its public part: export it with gpg --export-secret-keys")
	case priv.Dummy():
		return fmt.Errorf("the file has only a stub of it: the secret lies elsewhere, perhaps on a card; name a subkey whose secret is here")
	}
	switch pub.PubKeyAlgo {
	case packet.PubKeyAlgoRSA, packet.PubKeyAlgoRSASignOnly, packet.PubKeyAlgoEdDSA:
	case packet.PubKeyAlgoECDSA, packet.PubKeyAlgoDSA:
		return fmt.Errorf("has algorithm %d, whose signatures differ each time: a resumed release would not be the same; use RSA or EdDSA (22)", pub.PubKeyAlgo)
	default:
		return fmt.Errorf("has algorithm %d: gpg 2.2 could not check its signatures; use RSA or EdDSA (22)", pub.PubKeyAlgo)
	}
	if bits, err := pub.BitLength(); err == nil && pub.PubKeyAlgo <= packet.PubKeyAlgoRSASignOnly && bits < 2048 {
		return fmt.Errorf("is RSA of %d bits, want 2048 at least", bits)
	}
	return nil
}

func newKey(e *openpgp.Entity, pub *packet.PublicKey, sig *packet.Signature) *Key {
	k := &Key{entity: e, id: pub.KeyId, fingerprint: hexOf(pub), created: pub.CreationTime.UTC(), algorithm: algorithm(pub)}
	if sig != nil && sig.KeyLifetimeSecs != nil && *sig.KeyLifetimeSecs > 0 {
		k.expires = k.created.Add(time.Duration(*sig.KeyLifetimeSecs) * time.Second)
	}
	return k
}

func algorithm(pub *packet.PublicKey) string {
	if pub.PubKeyAlgo == packet.PubKeyAlgoEdDSA {
		return "EdDSA"
	}
	bits, _ := pub.BitLength() // an RSA key has one
	return fmt.Sprintf("RSA %d", bits)
}

// unlock opens only the key that signs: other keys of the file may have other
// passphrases, or none of our business.
func unlock(priv *packet.PrivateKey, passphrase func() (Secret, error)) error {
	if !priv.Encrypted {
		return nil
	}
	if passphrase == nil {
		return fmt.Errorf("is locked and no passphrase is configured")
	}
	secret, err := passphrase()
	if err != nil {
		return err
	}
	defer secret.Wipe()
	if len(secret.Reveal()) == 0 {
		return fmt.Errorf("is locked and the passphrase is empty")
	}
	if priv.Decrypt(secret.Reveal()) != nil { // the library's reason is about checksums, and no help
		return fmt.Errorf("wrong passphrase")
	}
	return nil
}
