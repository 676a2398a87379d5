package xz

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
)

// peer returns the path of an independent program, without which a test is
// skipped, or, where CI wants it there, fails.
func peer(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("SLIPWAY_REQUIRE_PEERS") == "1" {
			t.Fatalf("%s is not installed, and SLIPWAY_REQUIRE_PEERS=1", name)
		}
		t.Skipf("%s is not installed", name)
	}
	return path
}

func run(t testing.TB, in []byte, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(peer(t, name), args...)
	var errs bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, errs.Bytes())
	}
	return out
}
