package signing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"io"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"slipway/cache"
)

// Signer signs what lies in a store.
type Signer struct {
	Store   *cache.Store
	Key     *Key
	Workers int // files at a time; 0 is one for each processor
}

// File is a deliverable: its path below the candidates directory, and its bytes.
type File struct {
	Path   string       `json:"path"`
	Digest cache.Digest `json:"digest"`
}

// SignJob asks for a detached signature of each file.
type SignJob struct {
	Files []File `json:"files"`
	// Key is the fingerprint that the plan names; a signer with another key refuses.
	Key  string    `json:"key"`
	When time.Time `json:"when"` // the signatures' time, from the plan
}

// Signed is a file with what one pass over it gave.
type Signed struct {
	Path   string     `json:"path"`
	Size   int64      `json:"size"`
	SHA256 string     `json:"sha256"` // hex
	SHA512 string     `json:"sha512"` // hex
	Asc    cache.Blob `json:"asc"`    // PATH.asc
}

// SignResult lists the files in the order of the job.
type SignResult struct {
	Signed []Signed `json:"signed"`
	Ledger []Line   `json:"ledger"`
}

// Line of the ledger: which key said yes to which bytes.
type Line struct {
	Path   string       `json:"path"`
	Digest cache.Digest `json:"digest"`
	Kind   string       `json:"kind"` // openpgp, mar
	Key    string       `json:"key"`  // fingerprint
	When   time.Time    `json:"when"` // as the signature says
}

// Sign signs every file, each read once, and verifies what it made.
func (s *Signer) Sign(ctx context.Context, job SignJob) (SignResult, error) {
	if err := s.ready(job.Key); err != nil {
		return SignResult{}, err
	}
	if err := s.Key.MaySign(job.When); err != nil {
		return SignResult{}, err
	}
	out := SignResult{Signed: make([]Signed, len(job.Files)), Ledger: make([]Line, len(job.Files))}
	workers := s.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(workers)
	for i, f := range job.Files {
		g.Go(func() error {
			one, err := s.one(ctx, f, job.When)
			if err != nil {
				return fmt.Errorf("signing %s: %w", f.Path, err)
			}
			out.Signed[i] = one
			out.Ledger[i] = Line{f.Path, f.Digest, "openpgp", s.Key.fingerprint, job.When.UTC().Truncate(time.Second)}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return SignResult{}, err
	}
	return out, nil
}

func (s *Signer) ready(want string) error {
	if s.Key == nil {
		return fmt.Errorf("no key is open, the plan wants %s", want)
	}
	fpr, err := parseFingerprint(want)
	if err != nil {
		return err
	}
	if fpr != s.Key.fingerprint {
		return fmt.Errorf("the open key is %s, the plan wants %s", s.Key.fingerprint, fpr)
	}
	return nil
}

func (s *Signer) one(ctx context.Context, f File, when time.Time) (Signed, error) {
	in, err := s.Store.Get(ctx, f.Digest)
	if err != nil {
		return Signed{}, err
	}
	defer in.Close()
	var asc bytes.Buffer
	sig, err := s.Key.writer(&asc, when)
	if err != nil {
		return Signed{}, err
	}
	h256, h512 := sha256.New(), sha512.New()
	size, err := io.Copy(io.MultiWriter(h256, h512, sig), in)
	if err != nil {
		return Signed{}, err
	}
	if err := sig.Close(); err != nil {
		return Signed{}, err
	}
	out := Signed{Path: f.Path, Size: size, SHA256: hex.EncodeToString(h256.Sum(nil)), SHA512: hex.EncodeToString(h512.Sum(nil))}
	if out.SHA256 != f.Digest.Hex() { // the bytes that were signed, not those that Get looked at
		return Signed{}, fmt.Errorf("read bytes of sha256:%s, want %s", out.SHA256, f.Digest)
	}
	if err := s.Key.prove(asc.Bytes(), h512, when); err != nil {
		return Signed{}, err
	}
	out.Asc, err = s.Store.PutBytes(ctx, asc.Bytes())
	return out, err
}
