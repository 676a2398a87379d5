//go:build linux

package release

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// A build that keeps a Go module cache leaves directories that nobody may write
// to. Root may, so the test is somebody else, on a thread of its own.
func TestScratchIsClearedOfReadOnlyDirectories(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	dir := filepath.Join(top, "scratch")
	mod := filepath.Join(dir, "home", "go", "pkg", "mod")
	if err := os.MkdirAll(mod, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(mod, "a.go"), nil, 0o444); err != nil {
		t.Fatal(err)
	}
	who := os.Geteuid()
	if who == 0 {
		who = 65534
		for _, path := range []string{top, dir, filepath.Join(dir, "home"), filepath.Dir(filepath.Dir(mod)), filepath.Dir(mod), mod, filepath.Join(mod, "a.go")} {
			if err := os.Chown(path, who, -1); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(filepath.Dir(top), 0o711); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(mod, 0o555); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends here
		if err := unix.Setfsuid(who); err != nil {
			done <- err
			return
		}
		done <- clearScratch(dir)
	}()
	if err := <-done; err != nil {
		t.Error(err)
	}
	left, err := os.ReadDir(top)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
