package main

import (
	"testing"

	"slipway/updates"
)

// TestProgressLine: what was drawn last is wiped before the answer is printed.
func TestProgressLine(t *testing.T) {
	for p, want := range map[updates.Progress]string{
		{Step: "compress", Path: "a\x1bb", Done: 1, Total: 2}: wipeLine + `compress 1/2 a\x1bb`,
		{Step: "compress", Path: "b", Done: 2, Total: 2}:      wipeLine,
	} {
		if got := progressLine(p); got != want {
			t.Errorf("%+v: got %q, want %q", p, got, want)
		}
	}
}
