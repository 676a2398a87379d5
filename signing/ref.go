package signing

import (
	"errors"
	"fmt"
	"strings"
)

// Ref says where a secret lies; it is no secret itself and may stand in a
// configuration.
//
//	file:PATH   a file that only its owner may read (mode 0600 or 0400)
//	cmd:ARGV    what a program prints; split at spaces, no shell
//	fd:N        an inherited file descriptor from 3 on, or 0 for standard input;
//	            it is read once and kept
//	keyring:ID  an entry of the desktop's keyring, by its own program:
//	            secret-tool lookup slipway ID, or macOS' security
type Ref string

// Check says what is wrong with a reference. What is of no known kind is not
// shown, not even its beginning: it may be the secret itself, with a colon in it.
func (r Ref) Check() error {
	kind, rest, _ := strings.Cut(string(r), ":")
	if rest != "" {
		switch kind {
		case "file":
			return nil
		case "cmd":
			if strings.TrimSpace(rest) == "" {
				return errors.New("secret reference cmd: has no program")
			}
			return nil
		case "fd":
			_, err := descriptorNumber(rest)
			return err
		case "keyring":
			return checkKeyringName(rest)
		case "env":
			return errors.New("secret reference env: the environment is readable by every process of yours; refer by keyring:, file:, cmd: or fd: instead")
		}
	}
	return fmt.Errorf("secret reference of %d characters: want keyring:NAME, file:PATH, cmd:PROGRAM ARGUMENTS or fd:NUMBER, never the secret itself", len(r))
}
