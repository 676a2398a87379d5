package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"slipway/release/text"
	"slipway/signing"
	"slipway/signing/authenticode"
)

func (a *app) authenticodeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "authenticode",
		Short: "sign and check Windows programs and libraries",
		Long: `Works on single PE files (exe, dll, …), without any release or slipway.yaml. In a
release, slipway.yaml says which programs of a package are signed.`,
		Args: cobra.NoArgs,
	}
	cmd.AddCommand(a.authenticodeSignCommand(), a.authenticodeVerifyCommand())
	return cmd
}

func (a *app) authenticodeSignCommand() *cobra.Command {
	var key, passphrase, signer, certs, timestamp string
	var o authenticode.Options
	cmd := &cobra.Command{
		Use:   "sign IN OUT",
		Short: "put a signature into a Windows program: Authenticode with SHA-256",
		Long: `Signs the PE file IN and writes OUT, verified; they may be one file. Without
--timestamp the same file and key give the same bytes, and the signature ends with
the certificate.

A key in hardware signs by --signer, which reads the message from standard input
and prints the bare signature with SHA-256: RSA PKCS #1 v1.5, or ECDSA as DER. So
does openssl dgst -sha256 -sign KEY, with whatever provider KEY needs.`,
		Example: `  slipway authenticode sign in.exe out.exe --key file:key.pem --cert chain.pem
  slipway authenticode sign in.exe out.exe --key file:key.p12 --passphrase fd:3 --cert chain.pem
  slipway authenticode sign in.exe out.exe --signer ./sign-by-token --cert chain.pem`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (key == "") == (signer == "") {
				return usage(errors.New("want exactly one of --key and --signer"), "slipway authenticode sign --help")
			}
			chain, err := readChain(certs)
			if err != nil {
				return err
			}
			ref := signing.CodeKey{Key: signing.Ref(key), Passphrase: signing.Ref(passphrase), Signer: strings.Fields(signer)}
			k, err := ref.Open(cmd.Context(), chain, nil)
			if err == nil {
				err = k.MaySign(time.Now())
			}
			if err != nil {
				return refusedKey(err)
			}
			if timestamp != "" {
				o.TSA = &authenticode.TSA{URL: timestamp}
			}
			return withProgram(args[0], func(file []byte) error {
				signed, err := authenticode.Sign(cmd.Context(), file, k, o)
				if err != nil {
					return err
				}
				reads := slices.Concat([]string{certs}, filesOf(key), filesOf(passphrase), filesOf("cmd:"+signer))
				return writeOut(args[1], reads, func(w io.Writer) error { _, err := w.Write(signed); return err })
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&key, "key", "", "secret key, PEM or PKCS #12: `REF` is file:PATH, cmd:ARGV, fd:N or keyring:NAME")
	f.StringVar(&passphrase, "passphrase", "", "of PKCS #12, a `REF` likewise")
	f.StringVar(&signer, "signer", "", "`ARGV` of a program that signs, instead of --key; split at spaces, no shell")
	f.StringVar(&certs, "cert", "", "PEM `FILE`: the certificate, those of its issuers behind it")
	f.StringVar(&timestamp, "timestamp", "", "`URL` of an RFC 3161 server")
	f.StringVar(&o.Description, "description", "", "`NAME` of the program, as Windows shows it")
	f.StringVar(&o.URL, "url", "", "`PAGE` about it")
	f.BoolVar(&o.Replace, "replace", false, "take out a signature that is there")
	require(cmd, "cert")
	return cmd
}

func (a *app) authenticodeVerifyCommand() *cobra.Command {
	var cert, ca, timestampCA string
	var timestamped bool
	cmd := &cobra.Command{
		Use:   "verify FILE…",
		Short: "check the signatures of Windows programs, more strictly than Windows does",
		Long: `Checks that each PE file bears one good signature, by the certificate --cert or
by one that leads to a root of --ca, and that no byte lies where nobody signed
it. A certificate must be good now, or at the time of a timestamp whose server
leads to a root of --timestamp-ca: anyone can run such a server.`,
		Example: `  slipway authenticode verify skiff.exe --cert chain.pem
  slipway authenticode verify skiff.exe --cert chain.pem --timestamp-ca tsa.pem
  slipway authenticode verify skiff.exe skiff.dll --ca roots.pem --timestamped`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if cert == "" && ca == "" {
				return usage(errors.New("whose signature? want --cert or --ca"), "slipway authenticode verify --help")
			}
			trust := authenticode.Trust{Now: time.Now(), Timestamped: timestamped}
			if cert != "" {
				chain, err := readChain(cert)
				if err != nil {
					return err
				}
				trust.Certificate = chain[0]
			}
			var err error
			if trust.Roots, err = readRoots(ca); err != nil {
				return err
			}
			if trust.TimestampRoots, err = readRoots(timestampCA); err != nil {
				return err
			}
			var errs []error
			for _, path := range args {
				errs = append(errs, withProgram(path, func(file []byte) error {
					s, err := authenticode.Verify(file, trust)
					if err != nil {
						return err
					}
					fmt.Fprintf(a.stdout, "%s: signed by %s%s\n", text.Sanitize(path), text.Sanitize(s.Certificate.Subject.String()), stamped(s))
					return nil
				}))
			}
			return worst(errs)
		},
	}
	f := cmd.Flags()
	f.StringVar(&cert, "cert", "", "PEM `FILE` whose first certificate must have signed")
	f.StringVar(&ca, "ca", "", "PEM `FILE` of roots that the signer must lead to")
	f.StringVar(&timestampCA, "timestamp-ca", "", "PEM `FILE` of roots that a timestamp must lead to; absent: those of --ca")
	f.BoolVar(&timestamped, "timestamped", false, "a signature without a timestamp does not count")
	return cmd
}

func stamped(s authenticode.Signature) string {
	if s.TSA == nil {
		return ""
	}
	return fmt.Sprintf(", timestamp %s by %s", s.Timestamp.UTC().Format(time.RFC3339), text.Sanitize(s.TSA.Subject.String()))
}

// filesOf are the files that a reference to a secret names: a program's words may
// be files too, its key among them.
func filesOf(ref string) []string {
	kind, rest, _ := strings.Cut(ref, ":")
	switch kind {
	case "file":
		return []string{rest}
	case "cmd":
		return slices.DeleteFunc(strings.Fields(rest), func(word string) bool {
			info, err := os.Stat(word)
			return err != nil || info.IsDir()
		})
	}
	return nil
}

func readChain(path string) ([]*x509.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, usage(err, "")
	}
	chain, err := authenticode.ParseChain(text)
	if err != nil {
		return nil, fail(exitConfig, fmt.Errorf("%s: %w", path, err), "")
	}
	return chain, nil
}

// readRoots gives nil where no file is named.
func readRoots(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	roots, err := readChain(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	for _, c := range roots {
		pool.AddCert(c)
	}
	return pool, nil
}

// refusedKey: hardware may answer later, a key file says the same again.
func refusedKey(err error) error {
	if errors.As(err, new(*signing.SignerError)) {
		return fail(exitUnreachable, err, "")
	}
	return fail(exitNotAllowed, err, "")
}

// withProgram reads a file whole, and names it in what goes wrong.
func withProgram(path string, do func([]byte) error) error {
	info, err := os.Stat(path)
	if err == nil && info.Size() > authenticode.MaxSize {
		err = fmt.Errorf("%s: %d bytes, limit %d", path, info.Size(), authenticode.MaxSize)
	}
	if err != nil {
		return usage(err, "")
	}
	file, err := os.ReadFile(path)
	if err != nil {
		return usage(err, "")
	}
	err = do(file)
	switch {
	case err == nil:
		return nil
	case errors.As(err, new(*signing.SignerError)):
		return refusedKey(err)
	case errors.As(err, new(*authenticode.TSAError)):
		return fail(exitUnreachable, fmt.Errorf("%s: %w", path, err), "the same command again, or another --timestamp")
	case errors.Is(err, authenticode.ErrSigned):
		return fail(exitCheckFailed, fmt.Errorf("%s: %w", path, err), "slipway authenticode verify tells by whom; --replace takes it out")
	}
	return marError(fmt.Errorf("%s: %w", path, err))
}

// worst joins what went wrong with several files, under the code of the first.
func worst(errs []error) error {
	err := errors.Join(errs...)
	if err == nil {
		return nil
	}
	code, _ := codeOf(err)
	return fail(code, err, "")
}
