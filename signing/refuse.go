package signing

import (
	"errors"
	"fmt"
	"time"

	pgperrors "github.com/ProtonMail/go-crypto/openpgp/errors"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"
)

// explain turns the library's verdict on a key into one that names a date and
// a remedy; ids or sub are where the self-signatures are.
func explain(err error, pub *packet.PublicKey, ids map[string]*openpgp.Identity, sub *openpgp.Subkey, now time.Time) error {
	made := pub.CreationTime
	if now.Before(made) {
		return fmt.Errorf("is not valid before %s, and it is %s: check this machine's clock", stamp(made), stamp(now))
	}
	switch {
	case errors.Is(err, pgperrors.ErrKeyRevoked):
		return fmt.Errorf("is revoked: %w; make a new key and publish it", revocation(sub))
	case errors.Is(err, pgperrors.ErrKeyExpired):
		return fmt.Errorf("expired%s, and it is %s: extend it (gpg --quick-set-expire) and export it again", expiry(made, ids, sub), stamp(now))
	}
	return fmt.Errorf("%w at %s: its user ids are revoked, or it was exported without them", err, stamp(now))
}

func revocation(sub *openpgp.Subkey) error {
	if sub != nil && len(sub.Revocations) > 0 {
		p := sub.Revocations[0].Packet
		return fmt.Errorf("on %s, %q", stamp(p.CreationTime), p.RevocationReasonText)
	}
	return errors.New("as a whole")
}

// expiry finds the date in the newest self-signature that tells one.
func expiry(made time.Time, ids map[string]*openpgp.Identity, sub *openpgp.Subkey) string {
	var newest *packet.Signature
	look := func(sigs []*packet.VerifiableSignature) {
		for _, s := range sigs {
			if newest == nil || s.Packet.CreationTime.After(newest.CreationTime) {
				newest = s.Packet
			}
		}
	}
	for _, id := range ids {
		look(id.SelfCertifications)
	}
	if sub != nil {
		look(sub.Bindings)
	}
	if newest == nil || newest.KeyLifetimeSecs == nil || *newest.KeyLifetimeSecs == 0 {
		return ""
	}
	return " on " + stamp(made.Add(time.Duration(*newest.KeyLifetimeSecs)*time.Second))
}
