package release

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// maxSecret bounds a key or password; an armoured RSA-4096 key has 7 kB.
const maxSecret = 64 << 10

// secretKinds are the ways to refer to a secret.
var secretKinds = []string{"keyring", "file", "cmd", "fd"}

func (s Secret) check(bad complain, at string) {
	if s == "" {
		return
	}
	kind, rest, ok := strings.Cut(string(s), ":")
	known := false
	for _, k := range secretKinds {
		known = known || k == kind
	}
	if !ok || !known || rest == "" {
		// The value is not shown: it may be the secret itself.
		bad(at, "want keyring:NAME, file:PATH, cmd:PROGRAM ARGUMENTS or fd:NUMBER, never the secret itself")
	}
}

// Open fetches the secret. Paths are relative to root. It is asked for when a
// task needs it and is kept nowhere.
func (s Secret) Open(ctx context.Context, root string) ([]byte, error) {
	kind, rest, _ := strings.Cut(string(s), ":")
	switch kind {
	case "file":
		if !filepath.IsAbs(rest) {
			rest = filepath.Join(root, rest)
		}
		return secretFile(rest)
	case "cmd":
		argv := strings.Fields(rest)
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		cmd.Dir = root
		return runSecret(cmd)
	case "keyring":
		// The desktop's keyring through its own program: libsecret on Linux.
		return runSecret(exec.CommandContext(ctx, "secret-tool", "lookup", "service", "slipway", "name", rest))
	case "fd":
		n, err := strconv.Atoi(rest)
		if err != nil || n < 3 {
			return nil, fmt.Errorf("secret fd:%s: want a number from 3", rest)
		}
		f := os.NewFile(uintptr(n), "fd:"+rest)
		if f == nil {
			return nil, fmt.Errorf("secret fd:%s: not open", rest)
		}
		return readSecret(f, "fd:"+rest)
	}
	return nil, errors.New("no secret is configured")
}

func secretFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if st.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s: mode %04o: others can read it; run chmod 600", path, st.Mode().Perm())
	}
	return readSecret(f, path)
}

func readSecret(r io.Reader, name string) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxSecret+1))
	if err == nil && len(b) > maxSecret {
		err = fmt.Errorf("%s: more than %d bytes", name, maxSecret)
	}
	return b, err
}

func runSecret(cmd *exec.Cmd) ([]byte, error) {
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("asking %s for a secret: %w", cmd.Args[0], err)
	}
	return readSecret(strings.NewReader(strings.TrimSuffix(string(out), "\n")), cmd.Args[0])
}
