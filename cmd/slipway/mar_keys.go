package main

import (
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"os"

	"slipway/updates/mar"
)

// eachCert reads files of one public key each.
func eachCert(certs []string) ([]*rsa.PublicKey, error) {
	var all []*rsa.PublicKey
	for _, path := range certs {
		public, err := readPublicKeys([]string{path})
		if err == nil && len(public) != 1 {
			err = fmt.Errorf("%s: holds %d keys, want one", path, len(public))
		}
		if err != nil {
			return nil, err
		}
		all = append(all, public[0])
	}
	return all, nil
}

// marSigners reads the keys and holds each against its certificate, if given.
func marSigners(keys, certs []string, public []*rsa.PublicKey) ([]crypto.Signer, error) {
	var signers []crypto.Signer
	for i, path := range keys {
		key, err := readPrivateKey(path)
		if err != nil {
			return nil, err
		}
		if len(public) > 0 && !public[i].Equal(key.Public()) {
			return nil, fmt.Errorf("%s is not the certificate of %s", certs[i], path)
		}
		signers = append(signers, key)
	}
	return signers, nil
}

// proveSignatures holds finished signatures against the keys, if given: they may
// be of another package, or not the raw bytes.
func proveSignatures(archive *mar.Archive, ready [][]byte, public []*rsa.PublicKey) error {
	if len(public) == 0 {
		return nil
	}
	var sizes []int
	for _, s := range ready {
		sizes = append(sizes, len(s))
	}
	sum, err := mar.Digest(archive, sizes...)
	if err != nil {
		return err
	}
	for i, key := range public {
		if rsa.VerifyPKCS1v15(key, crypto.SHA384, sum, ready[i]) != nil {
			return fmt.Errorf("signature %d is none of this package by the key of certificate %d: want the raw bytes that sign the --digest for these sizes", i+1, i+1)
		}
	}
	return nil
}

func readPrivateKey(path string) (*rsa.PrivateKey, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := mar.ParsePrivateKey(b)
	if errors.Is(err, mar.ErrLocked) {
		err = fmt.Errorf("%w: give --key what \"openssl pkey -in %s\" prints", err, path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

func readPublicKeys(paths []string) ([]*rsa.PublicKey, error) {
	var keys []*rsa.PublicKey
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		more, err := mar.ParseKeys(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		keys = append(keys, more...)
	}
	return keys, nil
}

func readySignatures(paths []string, sizes []int) ([][]byte, error) {
	var out [][]byte
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	for _, n := range sizes {
		if n < mar.MinSignature || n > mar.MaxSignature {
			return nil, fmt.Errorf("--size %d: want %d to %d, a byte for each 8 bits of the key", n, mar.MinSignature, mar.MaxSignature)
		}
		out = append(out, make([]byte, n))
	}
	return out, nil
}
