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
	// Roots, if not nil, hold what the signer's chain, and a timestamp's, must
	// lead to. Code signing and timestamps have different roots; both belong here.
	Roots *x509.CertPool
	// Now, if not zero, must lie in the time of the signer's certificate, unless
	// a timestamp does. Roots need it.
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
	at := t.Now
	if stamp != nil {
		at = s.Timestamp
	}
	switch {
	case t.Certificate == nil && t.Roots == nil:
		return errors.New("nobody's signature counts: neither a certificate nor roots were given")
	case t.Certificate != nil && !c.Equal(t.Certificate):
		return fmt.Errorf("signed by %q, serial number %x, want %q, %x", c.Subject, c.SerialNumber, t.Certificate.Subject, t.Certificate.SerialNumber)
	case t.Timestamped && stamp == nil:
		return errors.New("the signature has no timestamp")
	}
	if !at.IsZero() {
		if err := goodAt(c, at); err != nil {
			return err
		}
	}
	switch {
	case t.Roots == nil:
		return nil
	case at.IsZero():
		return errors.New("roots need a time at which the chain is looked at")
	}
	if err := d.chain(c, t.Roots, at, x509.ExtKeyUsageCodeSigning); err != nil || stamp == nil {
		return err
	}
	return stamp.data.chain(s.TSA, t.Roots, at, x509.ExtKeyUsageTimeStamping)
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
