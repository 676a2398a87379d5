package signing

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// A key from outside is read twice. The first reading, here, only walks over
// the packets and refuses what would make the second one costly: a few bytes
// can ask the library for terabytes of Argon2 memory, and an out-of-memory
// crash cannot be caught. Layouts are those of RFC 9580 §5.5.

const (
	maxKeyBytes   = 256 << 10 // a key with many certifications; armor is 4/3 of it
	maxPackets    = 1000
	maxSecretKeys = 16 // unlocking each may take a second

	maxArgonMemory = 18 // 2^18 KiB = 256 MiB
	maxArgonPasses = 8
)

const (
	tagSignature    = 2
	tagSecretKey    = 5
	tagPublicKey    = 6
	tagSecretSubkey = 7
	tagUserID       = 13
	tagPublicSubkey = 14
	tagUserAttr     = 17
	tagTrust        = 12
	tagMarker       = 10
)

// dearmor gives the packets of a key, armored or not.
func dearmor(b []byte, want string) ([]byte, error) {
	if len(b) > 2*maxKeyBytes {
		return nil, fmt.Errorf("%d bytes, limit %d", len(b), 2*maxKeyBytes)
	}
	if len(b) > 0 && b[0]&0x80 != 0 { // every packet begins with this bit
		return b, nil
	}
	block, err := armor.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("neither OpenPGP packets nor an armored block: %w", err)
	}
	if block.Type != want {
		return nil, fmt.Errorf("armored block is a %q, want %q", block.Type, want)
	}
	out, err := io.ReadAll(block.Body)
	if err != nil {
		return nil, fmt.Errorf("armored block: %w", err)
	}
	return out, nil
}

// checkPackets is the first reading of a key.
func checkPackets(b []byte, secret bool) error {
	if len(b) > maxKeyBytes {
		return fmt.Errorf("key of %d bytes, limit %d", len(b), maxKeyBytes)
	}
	r := packet.NewOpaqueReader(bytes.NewReader(b))
	secrets := 0
	for n := 1; ; n++ {
		p, err := r.Next()
		if errors.Is(err, io.EOF) {
			if n == 1 {
				return fmt.Errorf("no packets")
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("packet %d: %w", n, err)
		}
		if n > maxPackets {
			return fmt.Errorf("over %d packets", maxPackets)
		}
		switch p.Tag {
		case tagSecretKey, tagSecretSubkey:
			if !secret {
				return fmt.Errorf("packet %d: a secret key where a public one belongs", n)
			}
			if secrets++; secrets > maxSecretKeys {
				return fmt.Errorf("over %d secret keys", maxSecretKeys)
			}
			err = checkSecretKey(p.Contents)
		case tagPublicKey, tagPublicSubkey:
			_, err = skipPublicKey(p.Contents)
		case tagSignature, tagUserID, tagUserAttr, tagTrust, tagMarker:
		default:
			err = fmt.Errorf("packet type %d has no place in a key", p.Tag)
		}
		if err != nil {
			return fmt.Errorf("packet %d: %w", n, err)
		}
	}
}

func checkSecretKey(b []byte) error {
	rest, err := skipPublicKey(b)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return io.ErrUnexpectedEOF
	}
	usage, rest := rest[0], rest[1:]
	switch usage {
	case 0: // not locked
		return nil
	case 253: // AEAD: cipher, mode
		if len(rest) < 2 {
			return io.ErrUnexpectedEOF
		}
		return checkS2K(rest[2:])
	case 254, 255: // checksum: cipher
		if len(rest) < 1 {
			return io.ErrUnexpectedEOF
		}
		return checkS2K(rest[1:])
	}
	return fmt.Errorf("secret key is locked in a way of 1998 (usage octet %d): change its passphrase with a current gpg", usage)
}

// checkS2K bounds what turning the passphrase into a key may cost. The counts
// of the iterated form cannot exceed 62 MiB of hashing by their encoding.
func checkS2K(b []byte) error {
	if len(b) == 0 {
		return io.ErrUnexpectedEOF
	}
	switch b[0] {
	case 0, 1, 3, 101: // simple, salted, iterated, GNU's "secret is elsewhere"
		return nil
	case 4: // Argon2: 16 bytes of salt, passes, lanes, memory exponent
		if len(b) < 20 {
			return io.ErrUnexpectedEOF
		}
		if passes, memory := b[17], b[19]; passes > maxArgonPasses || memory > maxArgonMemory {
			return fmt.Errorf("passphrase asks for %d passes of Argon2 over 2^%d KiB, limits are %d and 2^%d: lock the key again with less",
				passes, memory, maxArgonPasses, maxArgonMemory)
		}
		return nil
	}
	return fmt.Errorf("unsupported way %d from passphrase to key", b[0])
}

// skipPublicKey gives what follows the public part of a key packet.
func skipPublicKey(b []byte) ([]byte, error) {
	if len(b) < 6 {
		return nil, io.ErrUnexpectedEOF
	}
	if b[0] != 4 {
		return nil, fmt.Errorf("version %d key: only version 4 is read by every gpg that checks our releases", b[0])
	}
	alg := packet.PublicKeyAlgorithm(b[5])
	b = b[6:]
	var err error
	switch alg {
	case packet.PubKeyAlgoRSA, packet.PubKeyAlgoRSASignOnly, packet.PubKeyAlgoRSAEncryptOnly:
		return skipMPIs(b, 2)
	case packet.PubKeyAlgoElGamal:
		return skipMPIs(b, 3)
	case packet.PubKeyAlgoDSA:
		return skipMPIs(b, 4)
	case packet.PubKeyAlgoECDSA, packet.PubKeyAlgoEdDSA, packet.PubKeyAlgoECDH:
		if b, err = skipCounted(b); err != nil { // the curve
			return nil, err
		}
		if b, err = skipMPIs(b, 1); err != nil || alg != packet.PubKeyAlgoECDH {
			return b, err
		}
		return skipCounted(b) // hash and cipher of the key agreement
	case packet.PubKeyAlgoX25519, packet.PubKeyAlgoEd25519:
		return skip(b, 32)
	case packet.PubKeyAlgoX448:
		return skip(b, 56)
	case packet.PubKeyAlgoEd448:
		return skip(b, 57)
	}
	return nil, fmt.Errorf("unsupported public-key algorithm %d", alg)
}

func skip(b []byte, n int) ([]byte, error) {
	if len(b) < n {
		return nil, io.ErrUnexpectedEOF
	}
	return b[n:], nil
}

func skipCounted(b []byte) ([]byte, error) {
	if len(b) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return skip(b[1:], int(b[0]))
}

// maxMPI bits: RSA of 8192 is the largest that is in use.
const maxMPI = 8192

func skipMPIs(b []byte, n int) (rest []byte, err error) {
	for range n {
		if len(b) < 2 {
			return nil, io.ErrUnexpectedEOF
		}
		bits := int(b[0])<<8 | int(b[1])
		if bits > maxMPI {
			return nil, fmt.Errorf("number of %d bits, limit %d", bits, maxMPI)
		}
		if b, err = skip(b[2:], (bits+7)/8); err != nil {
			return nil, err
		}
	}
	return b, nil
}
