package updates

import (
	"strings"
	"testing"
)

// TestGuessMode: the samples' real modes are what is guessed from their bytes.
func TestGuessMode(t *testing.T) {
	b := newBuilder(t, 1)
	tree := getTree(t, b, sampleTree(t, b, "old"))
	for _, e := range tree.Entries {
		data, err := b.Store.Bytes(t.Context(), e.Blob, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if got := guessMode(strings.NewReader(string(data))); got != e.Mode {
			t.Errorf("%s: got %o, want %o", e.Path, got, e.Mode)
		}
	}
	for text, want := range map[string]uint32{
		"": 0o644, "#": 0o644, "#!": 0o755, "\xcf\xfa\xed\xfe and more": 0o755, "ELF": 0o644,
	} {
		if got := guessMode(strings.NewReader(text)); got != want {
			t.Errorf("%q: got %o, want %o", text, got, want)
		}
	}
}
