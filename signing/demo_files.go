package signing

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"
)

// DemoFiles are the key files of the demo product, as a publisher would have
// them: armored OpenPGP secret key, PEM key and certificate for MARs, and the
// same for programs.
type DemoFiles struct {
	OpenPGP        []byte
	Fingerprint    string
	MARKey         []byte
	MARCertificate []byte

	CodeKey         []byte
	CodeCertificate []byte
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
	template := &x509.Certificate{
		SerialNumber:       big.NewInt(1),
		Subject:            pkix.Name{CommonName: name + " MAR demo"},
		NotBefore:          when.UTC(),
		NotAfter:           when.UTC().AddDate(20, 0, 0),
		SignatureAlgorithm: x509.SHA384WithRSA,
	}
	if f.MARCertificate, err = selfSigned(template, private); err != nil {
		return f, err
	}
	code, err := demoECDSA(seed)
	if err != nil {
		return f, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(code)
	if err != nil {
		return f, err
	}
	f.CodeKey = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
	template.Subject.CommonName, template.SignatureAlgorithm = name+" code signing demo", x509.ECDSAWithSHA256
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}
	f.CodeCertificate, err = selfSigned(template, code)
	return f, err
}

// selfSigned makes a certificate that is the same each time: without randomness
// RSA has PKCS #1 v1.5, and ECDSA follows RFC 6979.
func selfSigned(template *x509.Certificate, key crypto.Signer) ([]byte, error) {
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}
