package signing

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"slipway/cache"
	"slipway/signing/authenticode"
)

// ProgramSigner puts Authenticode signatures into Windows programs that lie in a
// store.
type ProgramSigner struct {
	Store   *cache.Store
	Key     *authenticode.Key
	Options authenticode.Options
}

// ProgramJob asks for one program to be signed.
type ProgramJob struct {
	File File   `json:"file"`
	Key  string `json:"key"` // the [ChainID] that the plan names
}

// SignedProgram is a program with its signature inside.
type SignedProgram struct {
	Path    string     `json:"path"`
	Program cache.Blob `json:"program"`
	Kept    bool       `json:"kept,omitempty"` // it had our signature already
}

// programVersion is raised when the same program would be signed otherwise.
const programVersion = "1"

// Sign signs a program, and verifies what it made. A good signature by the same
// certificate stays; by anybody else's, the program is refused. What was signed
// once is found again: a program that did not change from one release to the
// next keeps its timestamp, and is no part of a partial update.
func (s *ProgramSigner) Sign(ctx context.Context, job ProgramJob) (SignedProgram, error) {
	out, err := s.sign(ctx, job)
	if err != nil {
		return SignedProgram{}, fmt.Errorf("signing %s: %w", job.File.Path, err)
	}
	return out, nil
}

func (s *ProgramSigner) sign(ctx context.Context, job ProgramJob) (SignedProgram, error) {
	out := SignedProgram{Path: job.File.Path}
	if id := ChainID(s.Key.Chain()); id != job.Key {
		return out, fmt.Errorf("the certificates are %s, the plan wants %s", id, job.Key)
	}
	file, err := s.Store.Bytes(ctx, job.File.Digest, authenticode.MaxSize)
	if err != nil {
		return out, err
	}
	trust := authenticode.Trust{Certificate: s.Key.Certificate(), Timestamped: s.Options.TSA != nil}
	switch _, err := authenticode.Verify(file, trust); {
	case err == nil:
		out.Program, out.Kept = cache.Blob{Digest: job.File.Digest, Size: int64(len(file))}, true
		return out, nil
	case !errors.Is(err, authenticode.ErrNotSigned):
		return out, fmt.Errorf("%w; leave it out by a pattern with ! before it", err)
	}
	key := cache.Key{Space: "signing/authenticode", Parts: map[string]string{
		"version": programVersion, "program": string(job.File.Digest), "chain": job.Key,
		"description": s.Options.Description, "url": s.Options.URL,
	}}
	if s.Options.TSA != nil {
		key.Parts["tsa"] = s.Options.TSA.URL
	}
	value, err := s.Store.DoProven(ctx, key, func(ctx context.Context) (cache.Value, error) {
		signed, err := authenticode.Sign(ctx, file, s.Key, s.Options)
		if err != nil {
			return cache.Value{}, err
		}
		blob, err := s.Store.PutBytes(ctx, signed)
		return cache.Value{Blobs: []cache.Blob{blob}}, err
	}, func(ctx context.Context, v cache.Value) error {
		return s.isSigned(ctx, v, file, trust)
	})
	if err != nil {
		return out, err
	}
	out.Program = value.Blobs[0]
	return out, nil
}

// isSigned proves a result of the cache: it is this program, and signed.
func (s *ProgramSigner) isSigned(ctx context.Context, v cache.Value, file []byte, trust authenticode.Trust) error {
	kept, err := v.Only(authenticode.MaxSize)
	if err != nil {
		return err
	}
	signed, err := s.Store.Bytes(ctx, kept.Digest, authenticode.MaxSize)
	if err != nil {
		return err
	}
	signature, err := authenticode.Verify(signed, trust)
	if err != nil {
		return cache.Disproof(err)
	}
	want, err := authenticode.Digest(file)
	if err == nil && !bytes.Equal(signature.Digest, want) {
		err = cache.Disprovef("it is another program: its digest is %x, want %x", signature.Digest, want)
	}
	return err
}

// VerifyProgram checks that a program in the store bears a good signature by a
// certificate that is good now: who verifies has just signed, and need not ask
// whether the timestamp's server is to be believed.
func VerifyProgram(ctx context.Context, store *cache.Store, d cache.Digest, c *x509.Certificate, timestamped bool, now time.Time) error {
	file, err := store.Bytes(ctx, d, authenticode.MaxSize)
	if err != nil {
		return err
	}
	_, err = authenticode.Verify(file, authenticode.Trust{Certificate: c, Timestamped: timestamped, Now: now})
	return err
}
