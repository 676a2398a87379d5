package mar

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"io"
)

// VerifyOptions loosen [Verify].
type VerifyOptions struct {
	AllowSHA1 bool // accept legacy signatures, which no current client does
}

// Verify checks that a carries exactly one signature for each key, in order,
// as Mozilla's tools do. From then on a's entries are guarded: see
// [Archive.Open].
func Verify(a *Archive, keys []*rsa.PublicKey, o VerifyOptions) error {
	if len(keys) == 0 {
		return errors.New("no key to verify with")
	}
	if len(a.Signatures) != len(keys) {
		return fmt.Errorf("has %d signatures, want %d: one for each key given", len(a.Signatures), len(keys))
	}
	hashes := map[Algorithm]hash.Hash{}
	var all []io.Writer
	for i, s := range a.Signatures {
		if s.Algorithm == SHA1 && !o.AllowSHA1 {
			return fmt.Errorf("signature %d is %s: legacy SHA-1 not allowed", i+1, s.Algorithm)
		}
		if hashes[s.Algorithm] == nil {
			hashes[s.Algorithm] = newHash(s.Algorithm)
			all = append(all, hashes[s.Algorithm])
		}
	}
	sums := make([][sha256.Size]byte, len(a.Entries))
	if err := a.hash(a, io.MultiWriter(all...), sums); err != nil {
		return err
	}
	for i, s := range a.Signatures {
		if err := rsa.VerifyPKCS1v15(keys[i], cryptoHash(s.Algorithm), hashes[s.Algorithm].Sum(nil), s.Bytes); err != nil {
			return fmt.Errorf("signature %d (%s) does not fit key %d: other key, or changed bytes", i+1, s.Algorithm, i+1)
		}
	}
	a.sums = sums
	return nil
}

func newHash(a Algorithm) hash.Hash {
	if a == SHA1 {
		return sha1.New()
	}
	return sha512.New384()
}

func cryptoHash(a Algorithm) crypto.Hash {
	if a == SHA1 {
		return crypto.SHA1
	}
	return crypto.SHA384
}
