package filesystem

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestTryLock: a lock keeps others out until its file is closed, and keeps
// nobody from reading or writing.
func TestTryLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	if err := os.WriteFile(path, []byte("some bytes"), 0o600); err != nil {
		t.Fatal(err)
	}
	open := func() *os.File {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	holder, other := open(), open()
	if err := Lock(holder); err != nil {
		t.Fatal(err)
	}
	if err := TryLock(other); !errors.Is(err, ErrLocked) {
		t.Errorf("a second lock: %v, want %v", err, ErrLocked)
	}
	if locked, err := Locked(path); !locked || err != nil {
		t.Errorf("locked: %v, %v", locked, err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "some bytes" {
		t.Errorf("reading a locked file: %q, %v", b, err)
	}
	if _, err := other.WriteString("others"); err != nil {
		t.Errorf("writing a locked file: %v", err)
	}
	holder.Close()
	if locked, err := Locked(path); locked || err != nil {
		t.Errorf("locked after its holder was closed: %v, %v", locked, err)
	}
	if err := TryLock(other); err != nil {
		t.Errorf("after its holder was closed: %v", err)
	}
}

// TestLock waits until the holder gives up.
func TestLock(t *testing.T) {
	root := openRoot(t)
	first, err := root.Create("lock")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := root.Open("lock")
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if err := Lock(first); err != nil {
		t.Fatal(err)
	}
	got := make(chan error)
	go func() { got <- Lock(second) }()
	select {
	case err := <-got:
		t.Fatalf("did not wait: %v", err)
	default:
	}
	first.Close()
	if err := <-got; err != nil {
		t.Error(err)
	}
}

// TestLockDir: one holder at a time, work goes on inside, nothing is left.
func TestLockDir(t *testing.T) {
	root := openRoot(t)
	if err := root.Mkdir("sub", 0o700); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{".", "sub"} {
		lock, err := LockDir(root, dir)
		if err != nil {
			t.Fatal(err)
		}
		if second, err := LockDir(root, dir); !errors.Is(err, ErrLocked) {
			t.Errorf("%s: a second lock: %v, %v", dir, second, err)
		}
		if err := root.WriteFile(dir+"/inside", nil, 0o600); err != nil {
			t.Errorf("%s: writing in a locked directory: %v", dir, err)
		}
		lock.Close()
		again, err := LockDir(root, dir)
		if err != nil {
			t.Fatalf("%s: after its holder was closed: %v", dir, err)
		}
		again.Close()
		if err := root.Remove(dir + "/inside"); err != nil {
			t.Error(err)
		}
	}
	if err := root.Remove("sub"); err != nil {
		t.Errorf("a lock left something: %v", err)
	}
	if _, err := LockDir(root, "none"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
}

func TestFree(t *testing.T) {
	dir := t.TempDir()
	if n, err := Free(dir); n <= 0 || err != nil {
		t.Errorf("Free: %d, %v", n, err)
	}
	if _, err := Free(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
}

func openRoot(t *testing.T) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}
