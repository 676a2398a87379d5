package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"slipway/release/text"
	"slipway/updates/mar"
)

func (a *app) marSignCommand() *cobra.Command {
	var keys, certs, signatures []string
	var sizes []int
	var digest bool
	cmd := &cobra.Command{
		Use:   "sign IN OUT",
		Short: "put signatures into a MAR: RSA PKCS#1 v1.5 with SHA-384",
		Long: `Signs IN with each --key and writes OUT; they may be one file. A --cert after each
key is held against it, so that a MAR is never signed with a key that clients do
not know.

When the key is elsewhere: --digest prints the SHA-384 digest that signatures of
the given --size have to sign, and --signature puts the finished ones in; a --cert
after each proves it first. A placeholder of zeros is written with --size alone.`,
		Example: `  slipway mar sign in.mar out.mar --key k.pem --cert c.pem
  slipway mar sign in.mar --digest --size 512
  slipway mar sign in.mar out.mar --signature sig.bin --cert c.pem`,
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
			if given := len(keys) + len(signatures); len(certs) > 0 && len(certs) != given {
				return usage(fmt.Errorf("%d certificates for %d keys or signatures", len(certs), given), "give one --cert for each, in the same order")
			}
			if n := len(keys) + len(signatures) + len(sizes); n > mar.MaxSignatures {
				return usage(fmt.Errorf("%d signatures, a MAR holds at most %d", n, mar.MaxSignatures), "slipway mar sign --help")
			}
			public, err := eachCert(certs)
			if err != nil {
				return unread(err)
			}
			signers, err := marSigners(keys, certs, public)
			if err != nil {
				return unread(err)
			}
			ready, err := readySignatures(signatures, sizes)
			if err != nil {
				return unread(err)
			}
			if digest {
				return parsedMAR(args[0], func(archive *mar.Archive) error {
					sum, err := mar.Digest(archive, sizes...)
					if err == nil {
						fmt.Fprintln(a.stdout, hex.EncodeToString(sum))
					}
					return err
				})
			}
			return remake(args[0], args[1], slices.Concat(keys, certs, signatures), func(w io.Writer, archive *mar.Archive) error {
				if len(keys) > 0 {
					return mar.Sign(w, archive, signers...)
				}
				if err := proveSignatures(archive, ready, public); err != nil {
					return err
				}
				return mar.Attach(w, archive, ready...)
			})
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&keys, "key", nil, "private RSA key, a PEM `FILE` (repeatable)")
	f.StringArrayVar(&certs, "cert", nil, "certificate or public key of each --key or --signature, a `FILE` (repeatable)")
	f.StringArrayVar(&signatures, "signature", nil, "finished signature, a `FILE` of raw bytes (repeatable)")
	f.IntSliceVar(&sizes, "size", nil, "`BYTES` of a signature to come: 512 for a key of 4096 bits (repeatable)")
	f.BoolVar(&digest, "digest", false, "print the digest to sign, in hex, and write nothing")
	return cmd
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
				return unread(err)
			}
			return parsedMAR(args[0], func(archive *mar.Archive) error {
				if err := mar.Verify(archive, keys, o); err != nil {
					return fail(exitCheckFailed, err, "")
				}
				fmt.Fprintf(a.stdout, "%s: %d signatures are good\n", text.Sanitize(args[0]), len(keys))
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
		Long: `Writes IN without its signatures as OUT; they may be one file. What is left is
byte for byte what was signed.`,
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			return remake(args[0], args[1], nil, mar.Strip)
		},
	}
}
