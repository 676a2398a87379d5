package filesystem

import (
	"errors"
	"os"
)

// Locked tells whether anybody holds the lock on a file. Those who look do not
// take each other for its holder, but for that moment [TryLock] may fail.
func Locked(name string) (bool, error) {
	f, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	err = tryShare(f)
	if errors.Is(err, ErrLocked) {
		return true, nil
	}
	return false, err
}
