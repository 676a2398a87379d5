package authenticode

import (
	"bytes"
	"testing"
)

// FuzzVerify feeds the parsers: whatever a file says, its digest is that of its
// bytes, and a signature can be taken off and put on again.
func FuzzVerify(f *testing.F) {
	p := newPublisher(f, ecKey(f))
	f.Add(program(0))
	f.Add(program(5))
	signed := p.sign(f, program(3), Options{Description: "Skiff"})
	f.Add(signed)
	f.Fuzz(func(t *testing.T, file []byte) {
		_, err := Verify(file, Trust{Certificate: p.leaf.cert})
		if err == nil && !bytes.Equal(file, signed) {
			t.Error("another file than the one that was signed is good")
		}
		m, err := parse(file)
		if err != nil {
			return
		}
		again, err := parse(m.attach([]byte{0x30, 0}))
		if err != nil {
			t.Fatalf("with a signature it is refused: %v", err)
		}
		if der, err := again.pkcs7(); err != nil || !bytes.Equal(der, []byte{0x30, 0}) {
			t.Errorf("PKCS #7 of %x: %v", der, err)
		}
		if err := again.checkSum(); err != nil {
			t.Error(err)
		}
	})
}

// FuzzSignedData reads what else is foreign: signatures, and answers of servers.
func FuzzSignedData(f *testing.F) {
	p := newPublisher(f, ecKey(f))
	m := must(parse(program(0)))(f)
	f.Add(must(p.signature(f.Context(), m, Options{}))(f).encode())
	f.Fuzz(func(t *testing.T, der []byte) {
		if d, err := readSignedData(der); err == nil {
			_, _ = d.prove(oidIndirectData, contents(d.content), 0)
		}
		if t, err := openTimestamp(der); err == nil {
			_, _ = t.prove(nil)
		}
		_, _ = answer(der, nil, nil)
	})
}
