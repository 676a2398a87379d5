package release

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"slipway/cache"
	"slipway/release/pipeline"
	"slipway/signing"
)

// checksums lists all deliverables, partner builds excepted, as their makers
// get their own lists.
func (g *graph) checksums(signed []string) string {
	var needs []string
	for _, id := range signed {
		if !strings.HasPrefix(id, "sign/partner/") {
			needs = append(needs, id)
		}
	}
	names := []string{"SHA256SUMS", "SHA512SUMS"}
	if g.key().Fingerprint != "" {
		names = []string{"KEY", "SHA256SUMS", "SHA256SUMS.asc", "SHA512SUMS", "SHA512SUMS.asc"}
	}
	return g.add(pipeline.Task{
		ID: "sign/checksums", Title: "list the checksums of all deliverables", Stage: stageSign, Kind: "checksums",
		Needs: needs, Pool: "signing", Try: remote, Outputs: names,
	}, signArgs{Key: g.key(), When: g.plan.Date})
}

func (e Env) checksums(ctx context.Context, c pipeline.Call, args signArgs) (pipeline.Result[struct{}], error) {
	var res pipeline.Result[struct{}]
	var all []signing.Signed
	for i := range c.Needs {
		need, err := pipeline.Need[signFacts](c, i)
		if err != nil {
			return res, err
		}
		for _, s := range need.Facts.Signed {
			if args.Key.Fingerprint != "" && s.Asc.Digest == "" {
				return res, fmt.Errorf("%s has no signature", s.Path)
			}
			all = append(all, s)
		}
	}
	fmt.Fprintf(c.Log, "%d deliverables\n", len(all))
	if args.Key.Fingerprint == "" {
		return e.plainSums(ctx, all)
	}
	s, err := e.signer(ctx, args.Key)
	if err != nil {
		return res, err
	}
	done, err := s.Checksums(ctx, signing.ChecksumsJob{Files: all, Key: args.Key.Fingerprint, When: args.When})
	if err != nil {
		return res, err
	}
	res.Files = []pipeline.File{
		file("KEY", done.Key),
		file("SHA256SUMS", done.SHA256SUMS), file("SHA256SUMS.asc", done.SHA256SUMSAsc),
		file("SHA512SUMS", done.SHA512SUMS), file("SHA512SUMS.asc", done.SHA512SUMSAsc),
	}
	return res, nil
}

// plainSums are the lists of a product that signs nothing.
func (e Env) plainSums(ctx context.Context, all []signing.Signed) (pipeline.Result[struct{}], error) {
	var res pipeline.Result[struct{}]
	short, long := map[string]string{}, map[string]string{}
	for _, s := range all {
		short[s.Path], long[s.Path] = s.SHA256, s.SHA512
	}
	for name, hex := range map[string]map[string]string{"SHA256SUMS": short, "SHA512SUMS": long} {
		blob, err := e.Store.PutBytes(ctx, sums(hex))
		if err != nil {
			return res, err
		}
		res.Files = append(res.Files, file(name, blob))
	}
	return res, nil
}

// digests reads each file once, for a product that signs nothing.
func (e Env) digests(ctx context.Context, files []signing.File) ([]signing.Signed, error) {
	var all []signing.Signed
	for _, f := range files {
		in, err := e.Store.Get(ctx, cache.Digest(f.Digest))
		if err != nil {
			return nil, err
		}
		short, long := sha256.New(), sha512.New()
		n, err := io.Copy(io.MultiWriter(short, long), in)
		in.Close()
		if err != nil {
			return nil, err
		}
		all = append(all, signing.Signed{
			Path: f.Path, Size: n,
			SHA256: hex.EncodeToString(short.Sum(nil)), SHA512: hex.EncodeToString(long.Sum(nil)),
		})
	}
	return all, nil
}
