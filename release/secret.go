package release

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"slipway/signing"
)

// secretKinds are the ways to refer to a secret.
var secretKinds = []string{"keyring", "file", "cmd", "fd"}

func (s Secret) check(bad complain, at string) {
	if s == "" {
		return
	}
	kind, rest, ok := strings.Cut(string(s), ":")
	if !ok || !slices.Contains(secretKinds, kind) || rest == "" {
		// The value is not shown: it may be the secret itself.
		bad(at, "want keyring:NAME, file:PATH, cmd:PROGRAM ARGUMENTS or fd:NUMBER, never the secret itself")
	}
	if kind == "keyring" {
		if err := signing.CheckKeyringName(rest); err != nil {
			bad(at, "%v", err)
		}
	}
}

// ref is the reference as signing takes it: paths no longer relative to root.
func (s Secret) ref(root string) signing.Ref {
	kind, rest, _ := strings.Cut(string(s), ":")
	if kind == "file" && !filepath.IsAbs(rest) {
		return signing.Ref("file:" + filepath.Join(root, rest))
	}
	return signing.Ref(s)
}

// open fetches the secret. It is asked for when a task needs it and is kept
// nowhere but in the list of what no log may hold.
func (e Env) open(ctx context.Context, s Secret) (signing.Secret, error) {
	secret, err := signing.ReadSecret(ctx, s.ref(e.Root))
	if err == nil {
		e.Secrets.Add(string(secret.Reveal()))
	}
	return secret, err
}
