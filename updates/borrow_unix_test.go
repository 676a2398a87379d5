//go:build unix

package updates

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe, from the start or in the place of a file, would keep us waiting.
func TestBorrowRefusesPipes(t *testing.T) {
	b := newBuilder(t, 1)
	path := filepath.Join(t.TempDir(), "m")
	check(t, os.WriteFile(path, marBytes(t, b, sampleMAR(t, b, "new.complete")), 0o600))
	borrower := newBuilder(t, 1)
	d, err := borrower.Borrow(path)
	check(t, err)
	check(t, os.Remove(path))
	check(t, syscall.Mkfifo(path, 0o600))
	_, _, unpacking := borrower.Unpack(t.Context(), d)
	_, borrowing := borrower.Borrow(path)
	for _, err := range []error{unpacking, borrowing} {
		if err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("got error %v", err)
		}
	}
}
