package signing

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"slipway/cache"
	"slipway/updates/mar"
)

// MARKey signs MARs: an RSA key and the certificate that clients were built with.
type MARKey struct {
	signer crypto.Signer
	public *rsa.PublicKey
	id     string
}

// OpenMARKey reads a secret key and its certificate, both PEM, and makes a
// trial signature. Clients compare no dates, so neither does this.
func OpenMARKey(key, cert []byte) (*MARKey, error) {
	signer, err := mar.ParsePrivateKey(key)
	if errors.Is(err, mar.ErrLocked) {
		err = fmt.Errorf("%w: refer to it by cmd:openssl pkey -in FILE, which asks for it", err)
	}
	if err != nil {
		return nil, fmt.Errorf("mar key: %w", err)
	}
	keys, err := mar.ParseKeys(cert)
	if err != nil {
		return nil, fmt.Errorf("mar certificate: %w", err)
	}
	if len(keys) != 1 {
		return nil, fmt.Errorf("mar certificate: the file holds %d, want one", len(keys))
	}
	k, err := NewMARKey(signer, keys[0])
	if err != nil {
		return nil, fmt.Errorf("mar key: %w", err)
	}
	return k, nil
}

// NewMARKey takes a signer whose secret may lie elsewhere. public is what
// clients hold.
func NewMARKey(signer crypto.Signer, public *rsa.PublicKey) (*MARKey, error) {
	if own, ok := signer.Public().(*rsa.PublicKey); !ok || !own.Equal(public) {
		return nil, fmt.Errorf("secret key and certificate do not belong together")
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(der)
	k := &MARKey{signer, public, hex.EncodeToString(sum[:])}
	digest := sha512.Sum384([]byte("trial of " + k.id))
	sig, err := signer.Sign(rand.Reader, digest[:], crypto.SHA384)
	if err == nil {
		err = rsa.VerifyPKCS1v15(public, crypto.SHA384, digest[:], sig)
	}
	if err != nil {
		return nil, fmt.Errorf("trial signature: %w", err)
	}
	return k, nil
}

// ID is the SHA-256 of the public key (SubjectPublicKeyInfo), in hex.
func (k *MARKey) ID() string { return k.id }

// MARSigner signs MARs that lie in a store.
type MARSigner struct {
	Store *cache.Store
	Keys  []*MARKey // one signature each, in this order
}

// MARJob asks for one MAR to be signed.
type MARJob struct {
	File File      `json:"file"` // not signed yet
	Keys []string  `json:"keys"` // the IDs that the plan names, in order
	When time.Time `json:"when"` // for the ledger: the format has no time
}

// SignedMAR is the MAR with its signatures inside.
type SignedMAR struct {
	Path   string     `json:"path"`
	MAR    cache.Blob `json:"mar"`
	Ledger []Line     `json:"ledger"`
}

// Sign signs the MAR and verifies what it made.
func (s *MARSigner) Sign(ctx context.Context, job MARJob) (SignedMAR, error) {
	out, err := s.sign(ctx, job)
	if err != nil {
		return SignedMAR{}, fmt.Errorf("signing %s: %w", job.File.Path, err)
	}
	return out, nil
}

func (s *MARSigner) sign(ctx context.Context, job MARJob) (SignedMAR, error) {
	if len(job.Keys) == 0 || len(job.Keys) != len(s.Keys) {
		return SignedMAR{}, fmt.Errorf("%d keys are open, the plan wants %d", len(s.Keys), len(job.Keys))
	}
	signers, public := make([]crypto.Signer, len(s.Keys)), make([]*rsa.PublicKey, len(s.Keys))
	for i, k := range s.Keys {
		if k.id != job.Keys[i] {
			return SignedMAR{}, fmt.Errorf("open key %d is %s, the plan wants %s", i+1, k.id, job.Keys[i])
		}
		signers[i], public[i] = k.signer, k.public
	}
	in, err := s.Store.Get(ctx, job.File.Digest)
	if err != nil {
		return SignedMAR{}, err
	}
	defer in.Close()
	a, err := mar.Parse(in, in.Size())
	if err != nil {
		return SignedMAR{}, err
	}
	// Into the store: a MAR of 500 MB need not fit into memory.
	blob, err := s.Store.PutFrom(ctx, func(w io.Writer) error { return mar.Sign(w, a, signers...) })
	if err != nil {
		return SignedMAR{}, err
	}
	if err := VerifyMAR(ctx, s.Store, blob.Digest, public); err != nil {
		return SignedMAR{}, fmt.Errorf("verifying: %w", err)
	}
	out := SignedMAR{Path: job.File.Path, MAR: blob}
	for _, k := range s.Keys {
		out.Ledger = append(out.Ledger, Line{job.File.Path, blob.Digest, "mar", k.id, job.When.UTC().Truncate(time.Second)})
	}
	return out, nil
}

// VerifyMAR checks that a MAR in the store is signed by exactly these keys.
func VerifyMAR(ctx context.Context, store *cache.Store, d cache.Digest, keys []*rsa.PublicKey) error {
	in, err := store.Get(ctx, d)
	if err != nil {
		return err
	}
	defer in.Close()
	a, err := mar.Parse(in, in.Size())
	if err != nil {
		return err
	}
	return mar.Verify(a, keys, mar.VerifyOptions{})
}
