package release

import (
	"context"
	"path/filepath"
	"strings"

	"slipway/signing"
)

func (s Secret) check(bad complain, at string) {
	if s == "" {
		return
	}
	if err := signing.Ref(s).Check(); err != nil {
		bad(at, "%v", err)
	}
}

// ref is the reference as signing takes it: paths no longer relative to root.
func (s Secret) ref(root string) signing.Ref {
	path, isFile := strings.CutPrefix(string(s), "file:")
	if isFile && !filepath.IsAbs(path) {
		return signing.Ref("file:" + filepath.Join(root, path))
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
