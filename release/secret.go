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

// holdSecrets keeps what the configuration's references name from the programs
// that are started before it is asked for: git, builds, other references.
func (c *Config) holdSecrets() {
	for _, s := range c.secrets() {
		signing.Ref(s.secret).Hold()
	}
}

// secretAt is a reference and its place in slipway.yaml.
type secretAt struct {
	at     string
	secret Secret
}

func (c *Config) secrets() []secretAt {
	all := []secretAt{
		{"signing.openpgp.key", c.Signing.OpenPGP.Key},
		{"signing.openpgp.passphrase", c.Signing.OpenPGP.Passphrase},
		{"signing.mar.key", c.Signing.MAR.Key},
		{"signing.authenticode.key", c.Signing.Authenticode.Key},
		{"signing.authenticode.passphrase", c.Signing.Authenticode.Passphrase},
	}
	if s := c.Mail.SMTP; s != nil {
		all = append(all, secretAt{"mail.smtp.password", s.Password})
	}
	return all
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
