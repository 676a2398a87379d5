package updates

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Users keep what they like beside an installation; a product must not.
func TestNamesThatAreNotUTF8(t *testing.T) {
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		t.Skip("this system has no such names")
	}
	b := newBuilder(t, 1)
	old, fresh, m := swap(t, b)
	dir := layOut(t, b, old)
	theirs := filepath.Join(dir, "caf\xe9")
	check(t, os.Mkdir(theirs, 0o755))
	check(t, os.WriteFile(filepath.Join(theirs, "mine"), []byte("x"), 0o644))
	check(t, applyDir(t, b, m, dir))
	if got, err := os.ReadFile(filepath.Join(theirs, "mine")); string(got) != "x" {
		t.Errorf("the user's file: %q, %v", got, err)
	}
	if _, err := b.ReadDir(t.Context(), dir); err == nil || !strings.Contains(err.Error(), `"caf\xe9": the name is not UTF-8`) {
		t.Errorf("a product with such a name: %v", err)
	}
	check(t, os.RemoveAll(theirs))
	if got := readDir(t, b, dir); got != fresh {
		t.Errorf("the installation became %s, want %s", got, fresh)
	}
}
