package signing

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
)

// keyringName is the attribute that our entries have in a desktop's keyring;
// its value is what stands behind keyring: in a reference.
const keyringName = "slipway"

// keyringGet and keyringPut are the programs that speak to the keyring. The
// secret goes through their standard output and input, never their arguments.
func keyringGet(goos, id string) []string {
	if goos == "darwin" {
		return []string{"security", "find-generic-password", "-s", keyringName, "-a", id, "-w"}
	}
	return []string{"secret-tool", "lookup", keyringName, id}
}

func keyringPut(goos, id string) string {
	if goos == "darwin" {
		return fmt.Sprintf("security add-generic-password -s %s -a %s -w", keyringName, id)
	}
	return fmt.Sprintf("secret-tool store --label='%s %s' %s %s < FILE", keyringName, id, keyringName, id)
}

// checkKeyringName accepts what every keyring program takes for a plain word.
func checkKeyringName(id string) error {
	for i := range len(id) {
		c := id[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || i > 0 && (c == '-' || c == '_' || c == '.')) {
			return fmt.Errorf("keyring entry %q: want letters, digits, and - _ . behind the first", id)
		}
	}
	return nil
}

func readKeyring(ctx context.Context, id string) ([]byte, error) {
	argv := keyringGet(runtime.GOOS, id)
	b, err := readCommand(ctx, argv)
	if errors.Is(err, exec.ErrNotFound) {
		return nil, fmt.Errorf("%s is not installed (on Debian: apt install libsecret-tools); file:, cmd: and fd: need no keyring", argv[0])
	}
	if err == nil && len(b) == 0 {
		err = fmt.Errorf("%s printed nothing", argv[0])
	}
	if err != nil {
		return nil, fmt.Errorf("%w; is it stored, and the keyring unlocked? To store it: %s", err, keyringPut(runtime.GOOS, id))
	}
	return b, nil
}
