package signing

import (
	"bytes"
	"context"
	"crypto"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"sort"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"slipway/cache"
)

// Verifier checks signatures by one key.
type Verifier struct {
	ring        openpgp.EntityList // the one that holds the key, though the file may hold more
	fingerprint string
	id          uint64
}

// NewVerifier reads an armored or binary public key; fingerprint names the key
// or subkey of it whose signatures count.
func NewVerifier(public []byte, fingerprint string) (*Verifier, error) {
	fpr, err := parseFingerprint(fingerprint)
	if err != nil {
		return nil, err
	}
	b, err := dearmor(public, openpgp.PublicKeyType)
	if err == nil {
		err = checkPackets(b, false)
	}
	if err != nil {
		return nil, fmt.Errorf("public key %s: %w", fpr, err)
	}
	ring, err := openpgp.ReadKeyRing(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("public key %s: %w", fpr, err)
	}
	for _, e := range ring {
		if hexOf(e.PrimaryKey) == fpr {
			return newVerifier(e, e.PrimaryKey), nil
		}
		for _, s := range e.Subkeys {
			if hexOf(s.PublicKey) == fpr {
				return newVerifier(e, s.PublicKey), nil
			}
		}
	}
	return nil, fmt.Errorf("public key %s: not in the given file", fpr)
}

func newVerifier(e *openpgp.Entity, p *packet.PublicKey) *Verifier {
	return &Verifier{openpgp.EntityList{e}, hexOf(p), p.KeyId}
}

// maxAsc is far above a signature of RSA 8192 with its armor.
const maxAsc = 64 << 10

// verify accepts exactly one binary signature, by exactly the verifier's key,
// with a hash that is still good. The library alone would take a second
// signature beside it, or one by another key of the ring. What a signature says
// of its issuer is the signer's word: it must agree with itself and with the
// key that verified in the end.
func (v *Verifier) verify(signed io.Reader, asc []byte, now time.Time) error {
	if len(asc) > maxAsc {
		return fmt.Errorf("signature file of %d bytes, limit %d", len(asc), maxAsc)
	}
	raw, err := oneBlock(asc)
	if err != nil {
		return err
	}
	sig, err := oneSignature(raw)
	if err != nil {
		return err
	}
	by := strings.ToUpper(hex.EncodeToString(sig.IssuerFingerprint))
	switch {
	case by != v.fingerprint:
		return fmt.Errorf("signed by %s, want %s", by, v.fingerprint)
	case sig.IssuerKeyId == nil || *sig.IssuerKeyId != v.id:
		return fmt.Errorf("signature names key id %s beside the fingerprint %s, whose id is %016X: forged", idOf(sig), by, v.id)
	case sig.SigType != packet.SigTypeBinary:
		return fmt.Errorf("signature of type %#x, want %#x: one over the bytes as they are", sig.SigType, packet.SigTypeBinary)
	case sig.Hash != crypto.SHA256 && sig.Hash != crypto.SHA384 && sig.Hash != crypto.SHA512:
		return fmt.Errorf("signature with %s, want SHA-256, SHA-384 or SHA-512", sig.Hash)
	case sig.CreationTime.After(now):
		return fmt.Errorf("signature of %s, after %s", stamp(sig.CreationTime), stamp(now))
	}
	md, err := openpgp.VerifyDetachedSignatureReader(v.ring, signed, bytes.NewReader(raw), &packet.Config{Time: func() time.Time { return now }})
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, md.UnverifiedBody); err != nil {
		return err
	}
	if md.SignatureError != nil {
		return md.SignatureError
	}
	if by := hexOf(md.SignedBy.PublicKey); by != v.fingerprint {
		return fmt.Errorf("verified by %s, want %s", by, v.fingerprint)
	}
	return nil
}

func idOf(sig *packet.Signature) string {
	if sig.IssuerKeyId == nil {
		return "none"
	}
	return fmt.Sprintf("%016X", *sig.IssuerKeyId)
}

// oneBlock unwraps the armor and refuses text around it: people would read it
// as signed.
func oneBlock(asc []byte) ([]byte, error) {
	const begin, end = "-----BEGIN PGP SIGNATURE-----\n", "-----END PGP SIGNATURE-----\n"
	if !bytes.HasPrefix(asc, []byte(begin)) || !bytes.HasSuffix(asc, []byte(end)) || bytes.Count(asc, []byte("-----BEGIN")) != 1 {
		return nil, fmt.Errorf("signature file of %d bytes is not one armored signature and nothing else", len(asc))
	}
	block, err := armor.Decode(bytes.NewReader(asc))
	if err != nil {
		return nil, fmt.Errorf("signature's armor: %w", err)
	}
	raw, err := io.ReadAll(block.Body)
	if err != nil {
		return nil, fmt.Errorf("signature's armor: %w", err)
	}
	return raw, nil
}

func oneSignature(raw []byte) (*packet.Signature, error) {
	r := packet.NewReader(bytes.NewReader(raw))
	p, err := r.Next()
	if err != nil {
		return nil, fmt.Errorf("signature packet: %w", err)
	}
	sig, ok := p.(*packet.Signature)
	if !ok {
		return nil, fmt.Errorf("packet is a %T, want a signature", p)
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("more packets behind the signature, want exactly one")
	}
	return sig, nil
}

// CheckJob asks whether a directory of files is signed as it must be.
type CheckJob struct {
	Files []File `json:"files"` // everything, the .asc among them
	// Exempt are shell patterns for the base names of files that need no
	// signature of their own: they lie inside signed ones, or are signed lists.
	Exempt []string  `json:"exempt,omitempty"`
	Now    time.Time `json:"now"`
}

// Check counts and verifies: each file that needs a signature has exactly one,
// it is good, and no signature stands alone. It returns how many are good and
// all that is wrong.
func (v *Verifier) Check(ctx context.Context, store *cache.Store, job CheckJob) (int, error) {
	need, asc, errs := sortOut(job)
	good := 0
	for _, p := range sorted(need) {
		sig, ok := asc[p]
		if !ok {
			errs = append(errs, fmt.Errorf("%s: has no signature", p))
			continue
		}
		delete(asc, p)
		if err := v.file(ctx, store, need[p], sig, job.Now); err != nil {
			errs = append(errs, fmt.Errorf("%s.asc: %w", p, err))
			continue
		}
		good++
	}
	for _, p := range sorted(asc) {
		errs = append(errs, fmt.Errorf("%s.asc: signs no file that is here and needs it", p))
	}
	if len(errs) > 0 {
		first := fmt.Errorf("signatures: %d good ones for %d files that need one", good, len(need))
		return good, errors.Join(append([]error{first}, errs...)...)
	}
	return good, nil
}

// sortOut parts the files into those that need a signature and the
// signatures, by the path of what they sign.
func sortOut(job CheckJob) (need, asc map[string]cache.Digest, errs []error) {
	need, asc = map[string]cache.Digest{}, map[string]cache.Digest{}
	for _, f := range job.Files {
		to := need
		p, isAsc := strings.CutSuffix(f.Path, ".asc")
		if isAsc {
			to = asc
		} else if exempt(path.Base(p), job.Exempt) {
			continue
		}
		if _, dup := to[p]; dup {
			errs = append(errs, fmt.Errorf("%s: is there twice", f.Path))
		}
		to[p] = f.Digest
	}
	return need, asc, errs
}

func exempt(base string, patterns []string) bool {
	for _, p := range patterns {
		if ok, _ := path.Match(p, base); ok {
			return true
		}
	}
	return false
}

func (v *Verifier) file(ctx context.Context, store *cache.Store, file, sig cache.Digest, now time.Time) error {
	asc, err := store.Bytes(ctx, sig, maxAsc)
	if err != nil {
		return err
	}
	in, err := store.Get(ctx, file)
	if err != nil {
		return err
	}
	defer in.Close()
	return v.verify(in, asc, now)
}

func sorted(m map[string]cache.Digest) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
