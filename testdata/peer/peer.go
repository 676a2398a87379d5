// Package peer finds the programs of other people that judge ours in tests.
package peer

import (
	"os"
	"os/exec"
	"testing"
)

// Path returns where a program lies. A test whose program is missing is skipped;
// see Missing.
func Path(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/" + program) // where servers lie, and not everybody's PATH leads
	}
	if err != nil {
		Missing(t, program)
	}
	return path
}

// Missing skips a test for something that is not on this machine. With
// SLIPWAY_REQUIRE_PEERS=1, as in CI, the test fails: what was not tried is not
// proven.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("SLIPWAY_REQUIRE_PEERS") == "1" {
		t.Fatalf("%s is missing, and SLIPWAY_REQUIRE_PEERS=1", what)
	}
	t.Skipf("%s is missing", what)
}
