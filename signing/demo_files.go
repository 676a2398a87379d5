package signing

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"
)

// DemoFiles are the key files of the demo product, as a publisher would have
// them: armored OpenPGP secret key, and PEM key and certificate for MARs.
type DemoFiles struct {
	OpenPGP        []byte
	Fingerprint    string
	MARKey         []byte
	MARCertificate []byte
}

// NewDemoFiles makes the demo's key files from its seed.
func NewDemoFiles(seed, name, email string, when time.Time) (DemoFiles, error) {
	key, err := DemoKey(seed, name, email, when)
	if err != nil {
		return DemoFiles{}, err
	}
	f := DemoFiles{Fingerprint: key.fingerprint}
	var b bytes.Buffer
	w, err := armor.Encode(&b, openpgp.PrivateKeyType, nil)
	if err != nil {
		return f, err
	}
	if err := key.entity.SerializePrivateWithoutSigning(w, nil); err != nil {
		return f, err
	}
	if err := w.Close(); err != nil {
		return f, err
	}
	b.WriteByte('\n')
	f.OpenPGP = b.Bytes()

	private, err := DemoRSA(seed)
	if err != nil {
		return f, err
	}
	f.MARKey = pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)})
	// PKCS#1 v1.5 signatures need no randomness: the certificate is the same each time.
	template := &x509.Certificate{
		SerialNumber:       big.NewInt(1),
		Subject:            pkix.Name{CommonName: name + " MAR demo"},
		NotBefore:          when.UTC(),
		NotAfter:           when.UTC().AddDate(20, 0, 0),
		SignatureAlgorithm: x509.SHA384WithRSA,
	}
	der, err := x509.CreateCertificate(nil, template, template, &private.PublicKey, private)
	if err != nil {
		return f, err
	}
	f.MARCertificate = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return f, nil
}
