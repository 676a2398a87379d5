package xz

import "testing"

// Packages hold thousands of small files; tables must cost in proportion.
func BenchmarkSmall(b *testing.B) {
	text := samples()["text"][:1000]
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Encode(text, Options{BCJ: X86}); err != nil {
			b.Fatal(err)
		}
	}
}
