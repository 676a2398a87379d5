package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// An engine's log holds the words of those before it: who was killed at once did
// not say them.
func TestEarlyEndIsToldByThisEngine(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "engine.log")
	const before = "slipway: error: skiff is locked\nslipway: hint: slipway status other\n"
	for said, want := range map[string][2]string{
		"": {"the engine of skiff-1.0-build1 ended at once; see " + log, "slipway status skiff-1.0-build1"},
		"slipway: error: graph of skiff:\n  task a\n  task b\n":                 {"graph of skiff:\ntask a\ntask b", "slipway status skiff-1.0-build1"},
		"began\nslipway: error: was stopped\nslipway: hint: slipway resume x\n": {"was stopped", "slipway resume x"},
	} {
		if err := os.WriteFile(log, []byte(before+said), 0o600); err != nil {
			t.Fatal(err)
		}
		err := early("skiff-1.0-build1", log, int64(len(before)), exec.Command(os.Args[0], "-test.run=^$", "-no-such-flag").Run())
		if err == nil {
			t.Fatal("the program took a flag that it does not have")
		}
		code, hint := codeOf(err)
		if code != 2 || err.Error() != want[0] || hint != want[1] {
			t.Errorf("said %q: got %q, %q, code %d; want %q", strings.TrimSpace(said), err, hint, code, want)
		}
	}
}
