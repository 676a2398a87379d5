package mar

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"
)

// Range is a stretch of a file.
type Range struct{ Offset, Size int64 }

// SignedRanges returns the stretches of the file that every signature covers,
// in order: all of it but the signatures' bytes.
func (a *Archive) SignedRanges() []Range {
	var ranges []Range
	at := int64(0)
	for _, s := range a.Signatures {
		ranges = append(ranges, Range{at, s.Offset - at})
		at = s.Offset + int64(len(s.Bytes))
	}
	return append(ranges, Range{at, a.Size - at})
}

// Sign writes a with one SHA-384 signature per signer. It reads the entries
// twice and keeps none of them in memory. An archive that is signed already is
// refused, as by Mozilla's signer: [Strip] it first.
func Sign(w io.Writer, a *Archive, signers ...crypto.Signer) error {
	if len(a.Signatures) > 0 {
		return fmt.Errorf("has %d signatures already: strip it first", len(a.Signatures))
	}
	sizes := make([]int, len(signers))
	for i, s := range signers {
		key, ok := s.Public().(*rsa.PublicKey)
		if !ok {
			return fmt.Errorf("signer %d has a %T, want RSA", i+1, s.Public())
		}
		if err := checkBits(key); err != nil {
			return fmt.Errorf("key of signer %d %w", i+1, err)
		}
		sizes[i] = key.Size()
	}
	digest, err := Digest(a, sizes...)
	if err != nil {
		return err
	}
	sigs := make([][]byte, len(signers))
	for i, s := range signers {
		// PKCS #1 v1.5 takes no randomness; a signer may want some for blinding.
		sigs[i], err = s.Sign(rand.Reader, digest, crypto.SHA384)
		if err != nil {
			return fmt.Errorf("signer %d: %w", i+1, err)
		}
		// A token that errs once makes a MAR that no client takes.
		if err := rsa.VerifyPKCS1v15(s.Public().(*rsa.PublicKey), crypto.SHA384, digest, sigs[i]); err != nil {
			return fmt.Errorf("signer %d made a signature that its own key refuses", i+1)
		}
	}
	return Attach(w, a, sigs...)
}

// Digest returns the SHA-384 digest that signatures of these sizes (256 bytes
// for a 2048-bit key) have to sign: the detached flow signs it elsewhere and
// hands the result to [Attach]. Signatures that a has are left out.
func Digest(a *Archive, sizes ...int) ([]byte, error) {
	slots := make([][]byte, len(sizes))
	for i, n := range sizes {
		slots[i] = make([]byte, min(max(n, 0), MaxSignature+1)) // signedWith refuses wrong sizes
	}
	b, err := a.signedWith(slots)
	if err != nil {
		return nil, err
	}
	h := sha512.New384()
	if err := a.hash(b, h, nil); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}

// Attach writes a with these SHA-384 signatures in the place of those it has.
// They are not checked; [Verify] does that. Zeros make a placeholder.
func Attach(w io.Writer, a *Archive, sigs ...[]byte) error {
	if len(sigs) == 0 {
		return errors.New("no signature to attach")
	}
	b, err := a.signedWith(sigs)
	if err != nil {
		return err
	}
	return a.copyAs(w, b)
}

// Strip writes a without signatures: the very bytes that were signed.
func Strip(w io.Writer, a *Archive) error {
	b, err := a.shifted(nil)
	if err != nil {
		return err
	}
	return a.copyAs(w, b)
}

func (a *Archive) signedWith(sigs [][]byte) (*Archive, error) {
	if n := len(sigs); n == 0 || n > MaxSignatures {
		return nil, fmt.Errorf("%d signatures, want 1 to %d", n, MaxSignatures)
	}
	list := make([]Signature, len(sigs))
	at := int64(headerSize)
	for i, s := range sigs {
		if len(s) < MinSignature || len(s) > MaxSignature {
			return nil, fmt.Errorf("signature %d has %d bytes, want %d to %d", i+1, len(s), MinSignature, MaxSignature)
		}
		list[i] = Signature{SHA384, at + sigHeadSize, s}
		at += sigHeadSize + int64(len(s))
	}
	return a.shifted(list)
}

// copyAs writes a's entries within b's header and index.
func (a *Archive) copyAs(w io.Writer, b *Archive) error {
	if _, err := w.Write(b.head(nil)); err != nil {
		return err
	}
	for i, e := range a.Entries {
		n, err := io.Copy(w, a.Open(i))
		if err == nil && n < e.Size {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return fmt.Errorf("entry %q: %w", e.Name, err)
		}
	}
	_, err := w.Write(b.index())
	return err
}

// hash feeds h with what the signatures of b cover, taking the entries' bytes
// from a, and fills sums, unless nil, with the digest of each entry. Header and
// index come from what was parsed, not from the file: what is verified is what
// is used.
func (a *Archive) hash(b *Archive, h io.Writer, sums [][sha256.Size]byte) error {
	b.head(func(stretch []byte, signed bool) {
		if signed {
			h.Write(stretch)
		}
	})
	buf := make([]byte, 256<<10)
	one := sha256.New()
	w := h
	if sums != nil {
		w = io.MultiWriter(h, one)
	}
	for i, e := range a.Entries {
		one.Reset()
		n, err := io.CopyBuffer(w, struct{ io.Reader }{a.Open(i)}, buf)
		if err == nil && n < e.Size {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return fmt.Errorf("entry %q: %w", e.Name, err)
		}
		if sums != nil {
			one.Sum(sums[i][:0])
		}
	}
	h.Write(b.index())
	return nil
}
