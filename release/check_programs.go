package release

import (
	"context"
	"fmt"
	"time"

	"slipway/cache"
	"slipway/repack"
)

// soonOver is how long a certificate must still be good for when nothing but
// itself says that its signatures count: users install months after a release.
const soonOver = 90 * 24 * time.Hour

// codeKey: opening the key has it sign a trial, and asks whether its certificate
// is good today.
func (c *checker) codeKey(ctx context.Context) {
	a := c.plan.Config.Signing.Authenticode
	if a.Certificate == "" {
		return
	}
	key, err := c.env.codeKey(ctx, c.plan.codeArgs())
	if err != nil {
		c.bad("keys", fmt.Errorf("Authenticode: %w", err))
		return
	}
	cert := key.Certificate()
	ends := cert.NotAfter.UTC().Format(time.DateOnly)
	switch left := cert.NotAfter.Sub(c.env.Now()); {
	case a.Timestamp == "" && left < soonOver:
		c.bad("keys", fmt.Errorf("Authenticode certificate %q ends %s, and with it every signature: set signing.authenticode.timestamp, or renew it", cert.Subject, ends))
	default:
		c.ok("keys", "Authenticode key of %s signed a trial; its certificate ends %s", cert.Subject, ends)
	}
}

// hasPrograms asks for the preflight whether an archive has what is signed.
func (e Env) hasPrograms(ctx context.Context, p Platform, archive cache.Digest) error {
	if len(p.Programs) == 0 {
		return nil
	}
	tree, err := e.repacker().Unpack(ctx, archive, repack.Format(p.Archive))
	if err == nil {
		_, err = programs(tree, p.Programs)
	}
	return err
}
