package zucchini

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Where the original program is on the path, it and we apply each other's
// patches of programs that have been tampered with, and agree about which of
// them are programs. No distribution packages it, so it is not demanded even
// of machines that have all other peers: it is built from third_party/zucchini
// in Firefox's source, with g++ and -DHAVE_64BIT_BUILD.
func TestOriginalAgrees(t *testing.T) {
	zucchini, err := exec.LookPath("zucchini")
	if err != nil {
		t.Skip("no zucchini here")
	}
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	write := func(name string, b []byte) string {
		if err := os.WriteFile(path(name), b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path(name)
	}
	run := func(args ...string) {
		t.Helper()
		if out, err := exec.Command(zucchini, args...).CombinedOutput(); err != nil {
			t.Fatalf("zucchini %q: %v\n%s", args, err, out)
		}
	}
	read := func(name string) []byte {
		b, err := os.ReadFile(path(name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	rng := rand.New(rand.NewPCG(7, 8))
	for i := range 300 {
		name := samples[i%len(samples)]
		old, new := mutate(rng, sample(t, name+".old")), mutate(rng, sample(t, name+".new"))
		oldPath, newPath := write("old", old), write("new", new)

		run("-apply", oldPath, write("ours", mustDiff(t, old, new, Options{})), path("result"))
		if !bytes.Equal(read("result"), new) {
			t.Errorf("%d %s: the original makes another file of our patch", i, name)
		}
		run("-gen", oldPath, newPath, path("theirs"))
		got, err := Apply(old, read("theirs"), testLimit)
		if err != nil || !bytes.Equal(got, new) {
			t.Errorf("%d %s: we make another file of the original's patch: %v", i, name, err)
		}
	}
}
