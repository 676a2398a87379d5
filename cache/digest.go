package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// Digest names bytes: "sha256:" and 64 lower-case hex digits.
type Digest string

const digestPrefix = "sha256:"

// Sum returns the digest of b.
func Sum(b []byte) Digest { return digestOf(sha256.Sum256(b)) }

// SumOf returns the digest of what r gives until EOF.
func SumOf(r io.Reader) (Digest, error) {
	h := sha256.New()
	_, err := io.CopyBuffer(h, struct{ io.Reader }{r}, make([]byte, 256<<10))
	return digestOf([sha256.Size]byte(h.Sum(nil))), err
}

func digestOf(sum [sha256.Size]byte) Digest {
	return Digest(digestPrefix + hex.EncodeToString(sum[:]))
}

// ParseDigest accepts exactly the form that [Sum] writes.
func ParseDigest(s string) (Digest, error) {
	rest, ok := strings.CutPrefix(s, digestPrefix)
	if ok && len(rest) == 2*sha256.Size && isLowerHex(rest) {
		return Digest(s), nil
	}
	return "", fmt.Errorf("digest %q: want %s and 64 lower-case hex digits", s, digestPrefix)
}

// Hex returns the 64 hex digits.
func (d Digest) Hex() string { return strings.TrimPrefix(string(d), digestPrefix) }

// Short is for people: enough digits to tell two digests apart on a screen.
func (d Digest) Short() string {
	if h := d.Hex(); len(h) >= 12 {
		return h[:12]
	}
	return string(d)
}

func isLowerHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
			return false
		}
	}
	return true
}
