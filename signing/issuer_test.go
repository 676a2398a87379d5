package signing

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"
)

// A KEY file may hold more keys than the pinned one. Whoever has one of those
// may write what he likes into a signature: the pinned key's fingerprint, and
// his own id, by which the library looks for a key.
func TestAnotherKeyOfTheFileCannotSignForThePinned(t *testing.T) {
	pinned, other := must(DemoKey("A", "Release", "a@skiff.example", born)), must(DemoKey("B", "Somebody", "b@skiff.example", born))
	secret := sha256.Sum256([]byte("slipway demo openpgp\x00B"))
	v := must(NewVerifier(publicFile(t, pinned, other), pinned.fingerprint))
	if err := v.verify(strings.NewReader("text"), must(pinned.sign(strings.NewReader("text"), when)), when); err != nil {
		t.Fatalf("by the pinned key: %v", err)
	}
	fingerprint := append([]byte{22, 33, 4}, pinned.entity.PrimaryKey.Fingerprint...)
	pinnedID, otherID := issuerID(pinned), issuerID(other)
	for name, c := range map[string]struct {
		issuer [][]byte
		want   string
	}{
		"his id behind the fingerprint": {[][]byte{fingerprint, otherID}, "signature names key id"},
		"his id before it":              {[][]byte{otherID, fingerprint}, "signature"},
		"his id last of two":            {[][]byte{fingerprint, pinnedID, otherID}, "signature names key id"},
		"the pinned key's id":           {[][]byte{fingerprint, pinnedID}, "signature"},
	} {
		asc := signedBy(t, ed25519.NewKeyFromSeed(secret[:]), "text", bytes.Join(c.issuer, nil))
		if err := v.verify(strings.NewReader("text"), asc, when); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
	// The forgery is a good signature where its own key is the pinned one.
	own := append([]byte{22, 33, 4}, other.entity.PrimaryKey.Fingerprint...)
	v = must(NewVerifier(publicFile(t, pinned, other), other.fingerprint))
	if err := v.verify(strings.NewReader("text"), signedBy(t, ed25519.NewKeyFromSeed(secret[:]), "text", own), when); err != nil {
		t.Errorf("the test's own signature: %v", err)
	}
}

// publicFile is a KEY file with several keys.
func publicFile(t *testing.T, keys ...*Key) []byte {
	t.Helper()
	var b bytes.Buffer
	w := must(armor.Encode(&b, openpgp.PublicKeyType, nil))
	for _, k := range keys {
		if err := k.entity.Serialize(w); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// issuerID is the subpacket with a key's id (RFC 9580 §5.2.3.12).
func issuerID(k *Key) []byte {
	return binary.BigEndian.AppendUint64([]byte{9, 16}, k.id)
}

// signedBy makes a version 4 EdDSA signature whose hashed area says of its
// issuer what the caller wants.
func signedBy(t *testing.T, key ed25519.PrivateKey, text string, issuer []byte) []byte {
	t.Helper()
	area := append(binary.BigEndian.AppendUint32([]byte{5, 2}, uint32(when.Unix())), issuer...)
	head := append([]byte{4, 0, 22, 10, byte(len(area) >> 8), byte(len(area))}, area...) // binary, EdDSA, SHA-512
	h := sha512.New()
	h.Write([]byte(text))
	h.Write(head)
	h.Write(binary.BigEndian.AppendUint32([]byte{4, 0xff}, uint32(len(head))))
	sum := h.Sum(nil)
	sig := ed25519.Sign(key, sum)
	body := append(bytes.Clone(head), 0, 0, sum[0], sum[1])
	body = appendMPI(appendMPI(body, sig[:32]), sig[32:])
	return armored(t, append([]byte{0xc0 | tagSignature, byte(len(body))}, body...))
}
