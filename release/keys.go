package release

import (
	"context"
	"strings"
	"time"
)

// KeyReport is what a person compares with the card in the safe.
type KeyReport struct {
	Purpose, Name, Fingerprint, Algorithm string
	Expires                               time.Time // zero: never, or not known
	Problem                               string    // why it cannot sign; empty when a trial went well
}

// Keys opens every key of a plan, which makes each sign a trial.
func Keys(ctx context.Context, p *Plan, e Env) []KeyReport {
	var reports []KeyReport
	if s := p.Config.Signing.OpenPGP; s.Key != "" {
		r := KeyReport{Purpose: "OpenPGP", Fingerprint: s.Fingerprint}
		g := graph{plan: p}
		if signer, err := e.signer(ctx, g.key()); err != nil {
			r.Problem = err.Error()
		} else {
			info := signer.Key.Info()
			r.Name, r.Fingerprint, r.Algorithm, r.Expires = info.User, info.Fingerprint, info.Algorithm, info.Expires
		}
		reports = append(reports, r)
	}
	if s := p.Config.Signing.MAR; s.Key != "" {
		r := KeyReport{Purpose: "MAR", Name: s.Certificate, Algorithm: "RSA", Fingerprint: p.MARKey}
		if key, err := e.marKey(ctx, marArgs{Key: s.Key, Certificate: s.Certificate}); err != nil {
			r.Problem = err.Error()
		} else {
			r.Fingerprint = key.ID()
		}
		reports = append(reports, r)
	}
	if s := p.Config.Signing.Authenticode; s.Certificate != "" {
		signer, _, _ := strings.Cut(p.CodeKey, " ")
		r := KeyReport{Purpose: "Authenticode", Name: s.Certificate, Fingerprint: signer}
		if key, err := e.codeKey(ctx, p.codeArgs()); err != nil {
			r.Problem = err.Error()
		} else {
			c := key.Certificate()
			r.Name, r.Algorithm, r.Expires = c.Subject.String(), c.PublicKeyAlgorithm.String(), c.NotAfter
		}
		reports = append(reports, r)
	}
	return reports
}
