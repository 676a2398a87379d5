//go:build unix

package release

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A loaded configuration starts git, and a plan starts builds: what fd: names is
// closed in them from the moment on that it is known.
func TestDescriptorsAreHeldWhenTheyAreKnown(t *testing.T) {
	fingerprint := strings.Repeat("AB", 20)
	for i, known := range map[int]func(yaml string) error{
		300: func(yaml string) error {
			path := filepath.Join(t.TempDir(), "slipway.yaml")
			if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
				return err
			}
			_, err := Load(path)
			return err
		},
		301: func(yaml string) error {
			f, err := Parse("slipway.yaml", []byte(yaml))
			if err != nil {
				return err
			}
			_, err = ParsePlan((&Plan{Schema: planSchema, Config: f.Config}).Encode())
			return err
		},
	} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		fd, err := unix.FcntlInt(r.Fd(), unix.F_DUPFD, i)
		r.Close()
		if err != nil {
			t.Fatal(err)
		}
		key := fmt.Sprintf("signing: {openpgp: {key: \"fd:%d\", fingerprint: %s}}\npublish:", fd, fingerprint)
		if err := known(strings.Replace(small, "publish:", key, 1)); err != nil {
			t.Fatal(err)
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
			t.Errorf("descriptor %d is open in every program: flags %#x, %v", fd, flags, err)
		}
	}
}
