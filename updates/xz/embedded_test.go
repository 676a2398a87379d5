package xz

import (
	"bytes"
	"io"
	"testing"

	embedded "github.com/xi2/xz"
)

// The updater decodes with XZ Embedded, of which this package is a port to Go:
// filters, blocks and properties of ours are what it takes, within its limit for
// dictionaries.
func TestEmbedded(t *testing.T) {
	decodes := func(name string, stream, want []byte) {
		r, err := embedded.NewReader(bytes.NewReader(stream), maxDict)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v, %d bytes of %d", name, err, len(got), len(want))
		}
	}
	all := samples()
	for name, want := range all {
		for on, o := range someOptions {
			stream, err := Encode(want, o)
			if err != nil {
				t.Fatal(err)
			}
			decodes(name+"/"+on, stream, want)
		}
	}
	stream, err := EncodePieces([]Piece{
		{all["code"], Options{BCJ: X86, Contexts: Contexts{LC: 4}}},
		{all["sparse"], Options{Nice: maxMatch, Contexts: Contexts{LC: 1, LP: 2, PB: 2}}},
		{all["text"], Options{BCJ: X86, DictSize: maxDict}},
	}, 1)
	if err != nil {
		t.Fatal(err)
	}
	decodes("pieces", stream, bytes.Join([][]byte{all["code"], all["sparse"], all["text"]}, nil))
}
