package main

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"slipway/updates/mar"
)

func (a *app) marSignCommand() *cobra.Command {
	var keys, certs, signatures []string
	var sizes []int
	var digest bool
	cmd := &cobra.Command{
		Use:   "sign IN OUT",
		Short: "put signatures into a MAR: RSA PKCS#1 v1.5 with SHA-384",
		Long: `Signs IN with each --key and writes OUT. A --cert after each key is held against
it, so that a MAR is never signed with a key that clients do not know.

When the key is elsewhere: --digest prints the SHA-384 digest that signatures of
the given --size have to sign, and --signature puts the finished ones in. A
placeholder of zeros is written with --size alone.`,
		Example: `  slipway mar sign in.mar out.mar --key k.pem --cert c.pem
  slipway mar sign in.mar --digest --size 512
  slipway mar sign in.mar out.mar --signature sig.bin`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(_ *cobra.Command, args []string) error {
			if digest != (len(args) == 1) {
				return usage(errors.New("want IN and OUT, or IN alone with --digest"), "slipway mar sign --help")
			}
			modes := 0
			for _, given := range []bool{len(keys) > 0, len(signatures) > 0, len(sizes) > 0} {
				if given {
					modes++
				}
			}
			if modes != 1 || digest && len(sizes) == 0 {
				return usage(errors.New("want exactly one of --key, --signature and --size"), "slipway mar sign --help")
			}
			return parsedMAR(args[0], func(archive *mar.Archive) error {
				switch {
				case digest:
					sum, err := mar.Digest(archive, sizes...)
					if err == nil {
						fmt.Fprintln(a.stdout, hex.EncodeToString(sum))
					}
					return err
				case len(keys) > 0:
					signers, err := marSigners(keys, certs)
					if err != nil {
						return err
					}
					return writeOut(args[1], func(w io.Writer) error { return mar.Sign(w, archive, signers...) })
				}
				ready, err := readySignatures(signatures, sizes)
				if err != nil {
					return err
				}
				return writeOut(args[1], func(w io.Writer) error { return mar.Attach(w, archive, ready...) })
			})
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&keys, "key", nil, "private RSA key, a PEM `FILE` (repeatable)")
	f.StringArrayVar(&certs, "cert", nil, "its certificate or public key, a `FILE` (repeatable)")
	f.StringArrayVar(&signatures, "signature", nil, "finished signature, a `FILE` of raw bytes (repeatable)")
	f.IntSliceVar(&sizes, "size", nil, "`BYTES` of a signature to come: 512 for a key of 4096 bits (repeatable)")
	f.BoolVar(&digest, "digest", false, "print the digest to sign, in hex, and write nothing")
	return cmd
}

func marSigners(keys, certs []string) ([]crypto.Signer, error) {
	if len(certs) > 0 && len(certs) != len(keys) {
		return nil, usage(fmt.Errorf("%d keys and %d certificates", len(keys), len(certs)), "give one --cert for each --key, in the same order")
	}
	var signers []crypto.Signer
	for i, path := range keys {
		key, err := readPrivateKey(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if len(certs) > 0 {
			public, err := readPublicKeys(certs[i : i+1])
			if err != nil {
				return nil, err
			}
			if len(public) != 1 || !public[0].Equal(key.Public()) {
				return nil, fmt.Errorf("%s is not the certificate of %s", certs[i], path)
			}
		}
		signers = append(signers, key)
	}
	return signers, nil
}

func readPrivateKey(path string) (*rsa.PrivateKey, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, errors.New("holds no PEM block")
	}
	switch block.Type {
	case "RSA PRIVATE KEY":
		return x509.ParsePKCS1PrivateKey(block.Bytes)
	case "PRIVATE KEY":
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		if key, ok := key.(*rsa.PrivateKey); ok {
			return key, nil
		}
		return nil, fmt.Errorf("holds a %T, want an RSA key", key)
	}
	return nil, fmt.Errorf("PEM block %q: want PRIVATE KEY or RSA PRIVATE KEY, not locked by a passphrase", block.Type)
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
		if n < 1 || n > mar.MaxSignature {
			return nil, usage(fmt.Errorf("signature of %d bytes, want 1 to %d", n, mar.MaxSignature), "")
		}
		out = append(out, make([]byte, n))
	}
	return out, nil
}

func (a *app) marVerifyCommand() *cobra.Command {
	var certs []string
	var o mar.VerifyOptions
	cmd := &cobra.Command{
		Use:   "verify MAR --cert FILE…",
		Short: "check the signatures: one for each certificate or public key, in order",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			keys, err := readPublicKeys(certs)
			if err != nil {
				return usage(err, "")
			}
			return parsedMAR(args[0], func(archive *mar.Archive) error {
				if err := mar.Verify(archive, keys, o); err != nil {
					return fail(exitCheckFailed, err, "")
				}
				fmt.Fprintf(a.stdout, "%s: %d signatures are good\n", clean(args[0]), len(keys))
				return nil
			})
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&certs, "cert", nil, "certificate or public key, a `FILE` in PEM or DER (repeatable)")
	f.BoolVar(&o.AllowSHA1, "allow-sha1", false, "accept legacy SHA-1 signatures, which no current client does")
	require(cmd, "cert")
	return cmd
}

func (a *app) marStripCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "strip IN OUT",
		Short: "take all signatures out; what is left is byte for byte what was signed",
		Args:  cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			return parsedMAR(args[0], func(archive *mar.Archive) error {
				return writeOut(args[1], func(w io.Writer) error { return mar.Strip(w, archive) })
			})
		},
	}
}
