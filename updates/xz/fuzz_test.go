package xz

import (
	"bytes"
	"io"
	"testing"

	embedded "github.com/xi2/xz"
)

func FuzzDecode(f *testing.F) {
	for _, c := range hostile() {
		f.Add(c.in)
	}
	for _, o := range someOptions {
		packed, err := Encode([]byte("to be, or not to be, \xe8\x00\x01\x00\x00 that is"), o)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		out, err := Decode(in, 1<<20)
		read, readErr := io.ReadAll(NewReader(bytes.NewReader(in), 1<<20))
		if (err == nil) != (readErr == nil) || err == nil && !bytes.Equal(read, out) {
			t.Fatalf("Decode gives %d bytes, %v; Reader %d bytes, %v", len(out), err, len(read), readErr)
		}
		if err != nil {
			return
		}
		if len(out) > 1<<20 {
			t.Fatalf("%d bytes, over the limit", len(out))
		}
		s, err := Inspect(in)
		if err != nil || s.Uncompressed != int64(len(out)) {
			t.Fatalf("decodes to %d bytes, but Inspect says %+v, %v", len(out), s, err)
		}
	})
}

func FuzzRoundTrip(f *testing.F) {
	for name, b := range samples() {
		if len(b) < 8<<10 {
			f.Add(b, len(name))
		}
	}
	f.Add(bytes.Repeat([]byte{0xE8, 0xFF, 0, 0, 0, 0xE9}, 100), 3)
	f.Fuzz(func(t *testing.T, in []byte, which int) {
		o := []Options{{}, {BCJ: X86}, {Nice: 273, BlockSize: 100}, {Nice: 4, DictSize: 4096},
			{Contexts: Contexts{LP: 4, PB: 3}}}[uint(which)%5]
		packed, err := Encode(in, o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(packed, int64(len(in)))
		if err != nil || !bytes.Equal(got, in) {
			t.Fatalf("%+v: %v, %d bytes of %d", o, err, len(got), len(in))
		}
		r, err := embedded.NewReader(bytes.NewReader(packed), maxDict)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, in) {
			t.Fatalf("XZ Embedded: %+v: %v, %d bytes of %d", o, err, len(got), len(in))
		}
	})
}
