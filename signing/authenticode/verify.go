package authenticode

import (
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// Trust says whose signatures count. Without Certificate and Roots none do.
type Trust struct {
	// Certificate, if not nil, is the signer's own, byte for byte.
	Certificate *x509.Certificate
	// Roots, if not nil, hold what the signer's chain must lead to.
	Roots *x509.CertPool
	// TimestampRoots hold what a timestamp's chain must lead to; nil is Roots.
	// Without either a timestamp moves no date: anyone can run a server.
	TimestampRoots *x509.CertPool
	// Now, if not zero, must lie in the time of the signer's certificate, unless
	// a timestamp that leads to roots does. Roots need it.
	Now time.Time
	// Timestamped: a signature without a timestamp does not count.
	Timestamped bool
}

// Signature is a good one.
type Signature struct {
	Certificate *x509.Certificate
	Digest      []byte            // of the file, as signed
	Timestamp   time.Time         // zero: none
	TSA         *x509.Certificate // the timestamp's signer, or nil
}

// ErrNotSigned is returned for a sound PE file without signature.
var ErrNotSigned = errors.New("is not signed")

// Verify checks that a PE file bears exactly one signature, that it is good, and
// that it counts. It is stricter than Windows: see the package's doc.
func Verify(file []byte, t Trust) (Signature, error) {
	m, err := parse(file)
	if err != nil {
		return Signature{}, err
	}
	if m.table == nil {
		return Signature{}, ErrNotSigned
	}
	der, err := m.pkcs7()
	if err != nil {
		return Signature{}, err
	}
	d, err := readSignedData(der)
	if err != nil {
		return Signature{}, err
	}
	var s Signature
	if s.Digest, err = checkIndirectData(m, d.content); err != nil {
		return Signature{}, err
	}
	if s.Certificate, err = d.prove(oidIndirectData, contents(d.content), x509.ExtKeyUsageCodeSigning); err != nil {
		return Signature{}, err
	}
	var stamp *timestamp
	for _, a := range d.unsigned {
		if !a.name.Equal(oidTimestamp) {
			return Signature{}, fmt.Errorf("unsigned attribute %s: want a timestamp of RFC 3161, and nothing else", a.name)
		}
		if stamp, err = openTimestamp(a.value); err == nil {
			s.Timestamp = stamp.when
			s.TSA, err = stamp.prove(d.signature)
		}
		if err != nil {
			return Signature{}, fmt.Errorf("timestamp: %w", err)
		}
	}
	if err := m.checkSum(); err != nil {
		return Signature{}, err
	}
	return s, t.accept(s, d, stamp)
}

// accept says whether a good signature counts.
func (t Trust) accept(s Signature, d *signedData, stamp *timestamp) error {
	c := s.Certificate
	switch {
	case t.Certificate == nil && t.Roots == nil:
		return errors.New("nobody's signature counts: neither a certificate nor roots were given")
	case t.Certificate != nil && !c.Equal(t.Certificate):
		return fmt.Errorf("signed by %q, serial number %x, want %q, %x", c.Subject, c.SerialNumber, t.Certificate.Subject, t.Certificate.SerialNumber)
	case t.Timestamped && stamp == nil:
		return errors.New("the signature has no timestamp")
	case t.Roots != nil && t.Now.IsZero() && stamp == nil:
		return errors.New("roots need a time at which the chain is looked at")
	}
	at := t.Now
	if stamp != nil {
		proven, err := t.stamped(s, stamp)
		if err != nil {
			return err
		}
		if proven {
			at = s.Timestamp
		}
	}
	if !at.IsZero() {
		err := goodAt(c, at)
		if err != nil && stamp != nil && !at.Equal(s.Timestamp) {
			err = fmt.Errorf("%w; the timestamp %s by %q would do if its server were trusted: give the roots of timestamps", err, date(s.Timestamp), s.TSA.Subject)
		}
		if err != nil {
			return err
		}
	}
	if t.Roots == nil {
		return nil
	}
	return d.chain(c, t.Roots, at, x509.ExtKeyUsageCodeSigning)
}

// stamped looks at a good timestamp: the certificate must have been good then,
// and proven tells that somebody trusted says when then was.
func (t Trust) stamped(s Signature, stamp *timestamp) (proven bool, err error) {
	if err := goodAt(s.Certificate, s.Timestamp); err != nil {
		return false, err
	}
	roots := t.TimestampRoots
	if roots == nil {
		roots = t.Roots
	}
	if roots == nil {
		return false, nil
	}
	if err := stamp.data.chain(s.TSA, roots, s.Timestamp, x509.ExtKeyUsageTimeStamping); err != nil {
		return false, fmt.Errorf("timestamp: %w", err)
	}
	return true, nil
}

// chain leads a certificate to the roots, over those that came along.
func (d *signedData) chain(c *x509.Certificate, roots *x509.CertPool, at time.Time, use x509.ExtKeyUsage) error {
	pool := x509.NewCertPool()
	for _, other := range d.certs {
		pool.AddCert(other)
	}
	_, err := c.Verify(x509.VerifyOptions{Roots: roots, Intermediates: pool, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{use}})
	if err != nil {
		return fmt.Errorf("certificate %q: %w", c.Subject, err)
	}
	return nil
}

func date(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
