package signing

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"sort"
	"strings"
	"time"
	"unicode"

	"slipway/cache"
)

// ChecksumsJob asks for the files that list all others.
type ChecksumsJob struct {
	Files []Signed  `json:"files"` // as [Signer.Sign] gave them; Asc is not looked at
	Key   string    `json:"key"`
	When  time.Time `json:"when"`
}

// Checksums are the two lists and their signatures.
type Checksums struct {
	SHA256SUMS    cache.Blob `json:"sha256sums"`
	SHA256SUMSAsc cache.Blob `json:"sha256sums_asc"`
	SHA512SUMS    cache.Blob `json:"sha512sums"`
	SHA512SUMSAsc cache.Blob `json:"sha512sums_asc"`
	Key           cache.Blob `json:"key"` // the public key: the file KEY
	Ledger        []Line     `json:"ledger"`
}

// Checksums writes SHA256SUMS and SHA512SUMS, as sha256sum -c reads them, and
// signs both.
func (s *Signer) Checksums(ctx context.Context, job ChecksumsJob) (Checksums, error) {
	var out Checksums
	files, err := sumOrder(job.Files)
	if err != nil {
		return out, err
	}
	var b256, b512 bytes.Buffer
	for _, f := range files {
		fmt.Fprintf(&b256, "%s  %s\n", f.SHA256, f.Path)
		fmt.Fprintf(&b512, "%s  %s\n", f.SHA512, f.Path)
	}
	if out.SHA256SUMS, err = s.Store.PutBytes(ctx, b256.Bytes()); err != nil {
		return out, err
	}
	if out.SHA512SUMS, err = s.Store.PutBytes(ctx, b512.Bytes()); err != nil {
		return out, err
	}
	signed, err := s.Sign(ctx, SignJob{
		Files: []File{{"SHA256SUMS", out.SHA256SUMS.Digest}, {"SHA512SUMS", out.SHA512SUMS.Digest}},
		Key:   job.Key, When: job.When,
	})
	if err != nil {
		return out, err
	}
	out.SHA256SUMSAsc, out.SHA512SUMSAsc = signed.Signed[0].Asc, signed.Signed[1].Asc
	out.Ledger = signed.Ledger
	public, err := s.Key.Public()
	if err != nil {
		return out, err
	}
	out.Key, err = s.Store.PutBytes(ctx, public)
	return out, err
}

// sumOrder sorts by path and refuses paths that would make a line say
// something else.
func sumOrder(in []Signed) ([]Signed, error) {
	files := append([]Signed(nil), in...)
	sort.Slice(files, func(i, j int) bool { return files[i].Path < files[j].Path })
	for i, f := range files {
		switch {
		case f.Path == "" || path.IsAbs(f.Path) || path.Clean(f.Path) != f.Path || f.Path == ".." || strings.HasPrefix(f.Path, "../"):
			return nil, fmt.Errorf("checksums: %q is no path below the candidates directory", f.Path)
		case strings.ContainsRune(f.Path, '\\') || strings.ContainsFunc(f.Path, unicode.IsControl):
			return nil, fmt.Errorf("checksums: %q has a backslash or control character, which sha256sum writes in its own way", f.Path)
		case i > 0 && files[i-1].Path == f.Path:
			return nil, fmt.Errorf("checksums: %s is listed twice, as sha256:%.12s and sha256:%.12s", f.Path, files[i-1].SHA256, f.SHA256)
		case len(f.SHA256) != 64 || len(f.SHA512) != 128:
			return nil, fmt.Errorf("checksums: %s has digests of %d and %d digits, want 64 and 128", f.Path, len(f.SHA256), len(f.SHA512))
		}
	}
	return files, nil
}
