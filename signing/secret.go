package signing

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"slipway/cache/filesystem"
)

const redacted = "[secret]"

// Secret is a passphrase or key. However it is printed, logged or marshalled,
// it does not tell itself; only [Secret.Reveal] does.
type Secret struct{ b []byte }

// Reveal gives the bytes themselves: for a cipher, for a server that asks for a
// password, and for the list of what no log may hold, whose copy lasts as long as
// the process.
func (s Secret) Reveal() []byte { return s.b }

// Wipe overwrites the bytes; copies that others made are out of reach.
func (s Secret) Wipe() { clear(s.b) }

func (s Secret) String() string               { return redacted }
func (s Secret) GoString() string             { return redacted }
func (s Secret) Format(f fmt.State, _ rune)   { io.WriteString(f, redacted) }
func (s Secret) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// maxSecret fits any passphrase and any armored key.
const maxSecret = 1 << 20

// ReadSecret fetches the secret that ref names. One newline at its end is
// dropped: editors and pipes leave it there.
func ReadSecret(ctx context.Context, ref Ref) (Secret, error) {
	s, err := ReadKeyFile(ctx, ref)
	if err != nil {
		return Secret{}, err
	}
	s.b = bytes.TrimSuffix(s.b, []byte("\n"))
	s.b = bytes.TrimSuffix(s.b, []byte("\r"))
	if len(s.b) == 0 {
		return Secret{}, fmt.Errorf("secret %s is empty", ref)
	}
	return s, nil
}

// ReadKeyFile fetches the bytes that ref names as they are.
func ReadKeyFile(ctx context.Context, ref Ref) (Secret, error) {
	if err := ref.Check(); err != nil {
		return Secret{}, err
	}
	var b []byte
	var err error
	switch kind, rest, _ := strings.Cut(string(ref), ":"); kind {
	case "file":
		b, err = readOwn(rest)
	case "cmd":
		b, err = readCommand(ctx, strings.Fields(rest))
	case "fd":
		b, err = readDescriptor(rest)
	case "keyring":
		b, err = readKeyring(ctx, rest)
	}
	if err != nil {
		return Secret{}, fmt.Errorf("secret %s: %w", ref, err)
	}
	return Secret{b}, nil
}

// readOwn checks the mode of the file that it has open: a second look at the
// path could see another.
func readOwn(path string) ([]byte, error) {
	f, err := filesystem.OpenRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	// On Windows a mode does not tell who may read: lists do, which it inherits.
	if m := info.Mode().Perm(); m&0o177 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("mode %#o lets others in: chmod 600 %s", m, path)
	}
	return readLimited(f)
}

// readCommand runs argv without a shell. Its standard error is the person's:
// a pinentry may talk there.
func readCommand(ctx context.Context, argv []string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stderr = os.Stderr
	if !ownInput() {
		cmd.Stdin = os.Stdin
	}
	b, err := printed(cmd, maxSecret)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", argv[0], err)
	}
	return b, nil
}

func readLimited(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxSecret+1))
	if err == nil && len(b) > maxSecret {
		return nil, fmt.Errorf("over %d bytes long", maxSecret)
	}
	return b, err
}
