package signing

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/big"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"
)

// DemoKey makes the OpenPGP key that follows from a seed, so that the demo
// signs alike on every machine. Whoever knows the seed has the key: for
// demonstrations and tests only.
func DemoKey(seed, name, email string, when time.Time) (*Key, error) {
	when = when.UTC().Truncate(time.Second)
	secret := sha256.Sum256([]byte("slipway demo openpgp\x00" + seed))
	p, err := packet.Read(bytes.NewReader(secretKeyPacket(ed25519.NewKeyFromSeed(secret[:]), when)))
	if err != nil {
		return nil, err
	}
	priv, ok := p.(*packet.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("demo key: read a %T", p)
	}
	e := &openpgp.Entity{PrimaryKey: &priv.PublicKey, PrivateKey: priv, Identities: map[string]*openpgp.Identity{}}
	k := newKey(e, e.PrimaryKey, nil)
	if err := e.AddUserId(name, "demo key, trust nothing", email, k.config(when)); err != nil {
		return nil, err
	}
	return k, k.trial(when)
}

// secretKeyPacket writes an unlocked version 4 EdDSA key (RFC 9580 §5.5.3 and
// §5.5.5.5). The library can only make keys of its own randomness.
func secretKeyPacket(key ed25519.PrivateKey, when time.Time) []byte {
	oid := []byte{0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01} // Ed25519Legacy, §9.2
	body := []byte{4}
	body = binary.BigEndian.AppendUint32(body, uint32(when.Unix()))
	body = append(body, byte(packet.PubKeyAlgoEdDSA), byte(len(oid)))
	body = append(body, oid...)
	body = appendMPI(body, append([]byte{0x40}, key.Public().(ed25519.PublicKey)...)) // 0x40: native point
	body = append(body, 0)                                                            // not locked
	secret := appendMPI(nil, key.Seed())
	sum := uint16(0)
	for _, b := range secret {
		sum += uint16(b)
	}
	body = append(body, secret...)
	body = binary.BigEndian.AppendUint16(body, sum)
	return append([]byte{0xc0 | tagSecretKey, byte(len(body))}, body...) // under 192 bytes: one length byte
}

func appendMPI(b, n []byte) []byte {
	x := new(big.Int).SetBytes(n)
	b = binary.BigEndian.AppendUint16(b, uint16(x.BitLen()))
	return append(b, x.Bytes()...)
}

// DemoRSA makes the RSA key of 2048 bits that follows from a seed, for MARs.
// The standard library takes no seed; primes here are searched upward from the
// seed's hashes. For demonstrations and tests only.
func DemoRSA(seed string) (*rsa.PrivateKey, error) {
	const e = 65537
	p := demoPrime(seed, "p", e)
	q := demoPrime(seed, "q", e)
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: e},
		D:         new(big.Int).ModInverse(big.NewInt(e), phi),
		Primes:    []*big.Int{p, q},
	}
	key.Precompute()
	return key, key.Validate()
}

// demoECDSA makes the P-256 key that follows from a seed, for programs. For
// demonstrations and tests only.
func demoECDSA(seed string) (*ecdsa.PrivateKey, error) {
	secret := sha256.Sum256([]byte("slipway demo ecdsa\x00" + seed))
	return ecdsa.ParseRawPrivateKey(elliptic.P256(), secret[:])
}

// demoPrime finds a prime of 1024 bits with its two highest bits set, so that
// the product has 2048, and with e invertible below it.
func demoPrime(seed, name string, e int64) *big.Int {
	var b []byte
	for i := range 4 {
		h := sha256.Sum256(fmt.Appendf(nil, "slipway demo rsa\x00%s\x00%s\x00%d", seed, name, i))
		b = append(b, h[:]...)
	}
	b[0] |= 0xc0
	b[len(b)-1] |= 1
	p := new(big.Int).SetBytes(b)
	two, gcd, less := big.NewInt(2), new(big.Int), new(big.Int)
	for {
		less.Sub(p, big.NewInt(1))
		if p.ProbablyPrime(20) && gcd.GCD(nil, nil, less, big.NewInt(e)).Cmp(big.NewInt(1)) == 0 {
			return p
		}
		p.Add(p, two)
	}
}
