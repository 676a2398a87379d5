package signing

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"slipway/testdata/peer"
)

// Of a signature's own bits, those that are not hashed do not count: the
// unhashed subpackets, which only help to find the key, the two bytes of hash
// that only help to fail early, and the bit counts of numbers. Every other
// flipped bit must break it.
func TestEveryHashedBitCounts(t *testing.T) {
	k := demo(t)
	v := must(NewVerifier(must(k.Public()), k.fingerprint))
	raw := dearmored(t, must(k.sign(strings.NewReader("text"), when)))
	const head = 2 // packet tag, length
	hashed := int(binary.BigEndian.Uint16(raw[head+4:]))
	unhashedAt := head + 6 + hashed
	unhashed := int(binary.BigEndian.Uint16(raw[unhashedAt:]))
	mpi := unhashedAt + 2 + unhashed + 2 // behind the two bytes of hash
	free := func(i int) bool {
		return i < head || // old and new forms of the header say the same
			i >= unhashedAt && i < unhashedAt+2+unhashed || // and its length, if what follows still parses
			i >= mpi-2 && i < mpi+2 || i == mpi+2+32 || i == mpi+2+33
	}
	for i := range raw {
		for bit := range 8 {
			b := bytes.Clone(raw)
			b[i] ^= 1 << bit
			if v.verify(strings.NewReader("text"), armored(t, b), when) == nil && !free(i) {
				t.Errorf("byte %d of %d, bit %d flipped: still good", i, len(raw), bit)
			}
		}
	}
}

// Every flipped bit of the file is seen by us, by gpg and by sq.
func TestEveryBitOfTheFileCounts(t *testing.T) {
	k := demo(t)
	gpg, sq := peer.Path(t, "gpg"), peer.Path(t, "sq")
	dir, home := t.TempDir(), gpgHome(t)
	write := func(name string, b []byte) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	key := write("KEY", must(k.Public()))
	if out, err := exec.Command(gpg, "--homedir", home, "--batch", "--import", key).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	v := must(NewVerifier(must(k.Public()), k.fingerprint))
	good := []byte("MAR1")
	asc := must(k.sign(bytes.NewReader(good), when))
	sig := write("f.asc", asc)
	verdicts := func(b []byte) [3]bool {
		f := write("f", b)
		return [3]bool{
			v.verify(bytes.NewReader(b), asc, when) == nil,
			exec.Command(gpg, "--homedir", home, "--batch", "--trust-model", "always", "--verify", sig, f).Run() == nil,
			exec.Command(sq, "verify", "--signer-cert", key, "--detached", sig, f).Run() == nil,
		}
	}
	if got := verdicts(good); got != [3]bool{true, true, true} {
		t.Fatalf("the file itself: we, gpg, sq say %v", got)
	}
	for i := range len(good) * 8 {
		b := bytes.Clone(good)
		b[i/8] ^= 1 << (i % 8)
		if got := verdicts(b); got != [3]bool{} {
			t.Errorf("bit %d flipped: we, gpg, sq say %v", i, got)
		}
	}
	for name, b := range map[string][]byte{"empty": nil, "longer": append(bytes.Clone(good), 0), "CRLF": []byte("MAR1\r\n")} {
		if got := verdicts(b); got != [3]bool{} {
			t.Errorf("%s: we, gpg, sq say %v", name, got)
		}
	}
}
