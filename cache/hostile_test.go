//go:build unix

package cache

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// damages are what somebody with write access may do to one file.
var damages = map[string]func(t *testing.T, path string){
	"truncated": func(t *testing.T, path string) { must(t, os.Truncate(path, 3)) },
	"emptied":   func(t *testing.T, path string) { must(t, os.Truncate(path, 0)) },
	"zeroed": func(t *testing.T, path string) {
		info, err := os.Stat(path)
		must(t, err)
		must(t, os.WriteFile(path, make([]byte, info.Size()), 0o600))
	},
	"appended": func(t *testing.T, path string) {
		b, err := os.ReadFile(path)
		must(t, err)
		must(t, os.WriteFile(path, append(b, '\n'), 0o600))
	},
	"one bit": func(t *testing.T, path string) {
		b, err := os.ReadFile(path)
		must(t, err)
		b[len(b)/2] ^= 4
		must(t, os.WriteFile(path, b, 0o600))
	},
	"symbolic link": func(t *testing.T, path string) {
		must(t, os.Rename(path, path+".moved"))
		must(t, os.Symlink(filepath.Base(path)+".moved", path))
	},
	"link to the outside": func(t *testing.T, path string) {
		must(t, os.Remove(path))
		must(t, os.Symlink("/etc/hostname", path))
	},
	"hard link": func(t *testing.T, path string) {
		must(t, os.Link(path, filepath.Join(t.TempDir(), "mine")))
	},
	"mode": func(t *testing.T, path string) { must(t, os.Chmod(path, 0o666)) },
	"directory": func(t *testing.T, path string) {
		must(t, os.Remove(path))
		must(t, os.MkdirAll(filepath.Join(path, "sub"), 0o700))
	},
	"FIFO": func(t *testing.T, path string) {
		must(t, os.Remove(path))
		must(t, syscall.Mkfifo(path, 0o600))
	},
}

// CACHE-1: a damaged blob is found when read, put aside alone, and healed by
// putting the bytes again.
func TestDamagedBlob(t *testing.T) {
	for name, damage := range damages {
		for _, size := range []int{1000, inMemory + 1} {
			t.Run(fmt.Sprint(name, " ", size), func(t *testing.T) {
				dir := t.TempDir()
				s := open(t, dir, Options{})
				text := strings.Repeat("x", size)
				b, other := put(t, s, text), put(t, s, "another")
				damage(t, filepath.Join(dir, "blobs", b.Digest.Hex()))

				v, err := s.Verify(t.Context(), false)
				must(t, err)
				if len(v.Bad) == 0 || !strings.Contains(v.Bad[0].Error(), "blobs/"+b.Digest.Hex()) {
					t.Errorf("Verify finds %v", v.Bad)
				}
				if _, err := s.Get(t.Context(), b.Digest); !errors.Is(err, ErrMissing) {
					t.Fatalf("Get: got error %v, want ErrMissing", err)
				}
				if n := quarantined(t, dir); n != 1 {
					t.Errorf("%d entries in quarantine, want 1", n)
				}
				if put(t, s, text) != b {
					t.Error("putting it again gives another blob")
				}
				got, err := s.Bytes(t.Context(), b.Digest, 1<<30)
				must(t, err)
				if string(got) != text {
					t.Error("other bytes after healing")
				}
				_, err = s.Bytes(t.Context(), other.Digest, 100)
				must(t, err)
			})
		}
	}
}

// A large blob that this process hashed is not hashed again until its file
// changes in any way: here in place, with its size and time of writing kept.
func TestHashedOnce(t *testing.T) {
	dir := t.TempDir()
	later := func() time.Time { return time.Now().Add(time.Minute) } // the file has settled
	s := open(t, dir, Options{Now: later})
	b := put(t, s, strings.Repeat("x", inMemory+1))
	path := filepath.Join(dir, "blobs", b.Digest.Hex())
	get := func() error {
		r, err := s.Get(t.Context(), b.Digest)
		if err == nil {
			r.Close()
		}
		return err
	}
	must(t, get())
	if len(s.hashed) != 1 {
		t.Errorf("%d blobs remembered as hashed, want 1", len(s.hashed))
	}
	must(t, get())
	info, err := os.Stat(path)
	must(t, err)
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteAt([]byte("y"), inMemory/2)
	must(t, err)
	must(t, f.Close())
	must(t, os.Chtimes(path, info.ModTime(), info.ModTime()))
	if err := get(); !errors.Is(err, ErrMissing) {
		t.Errorf("changed in place: got error %v, want ErrMissing", err)
	}
}

// CACHE-1: entries planted before the first run do not shadow the real bytes.
func TestPlantedBlob(t *testing.T) {
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "blobs"), 0o777))
	d := Sum([]byte("good"))
	must(t, os.WriteFile(filepath.Join(dir, "blobs", d.Hex()), []byte("evil"), 0o600))
	s := open(t, dir, Options{})
	put(t, s, "good")
	got, err := s.Bytes(t.Context(), d, 10)
	must(t, err)
	if string(got) != "good" {
		t.Errorf("got %q", got)
	}
	info, err := os.Stat(filepath.Join(dir, "blobs"))
	must(t, err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("blobs/ has mode %v", info.Mode())
	}
}

// CACHE-1: whatever stands where the counts of all processes are kept, it neither
// stops nor crashes the next process, which counts anew.
func TestDamagedTotals(t *testing.T) {
	hits := func(dir string) int64 {
		s := open(t, dir, Options{})
		keep(t, s, "n", "text")
		s.Close()
		st, err := open(t, dir, Options{}).Stats(t.Context())
		must(t, err)
		return st.Saved["test"].Hits
	}
	damage := maps.Clone(damages)
	damage["null"] = func(t *testing.T, path string) { must(t, os.WriteFile(path, []byte("null"), 0o600)) }
	damage["endless"] = func(t *testing.T, path string) { must(t, os.Truncate(path, 1<<40)) }
	for name, damage := range damage {
		dir := t.TempDir()
		hits(dir)
		if got := hits(dir); got != 1 {
			t.Fatalf("%d hits counted, want 1", got)
		}
		damage(t, filepath.Join(dir, totalsFile))
		if got := hits(dir); got > 2 {
			t.Errorf("%s: %d hits counted", name, got)
		}
	}
}

func TestPlantedDirectories(t *testing.T) {
	for _, name := range []string{"blobs", "keys", "tmp", "bad"} {
		dir, outside := t.TempDir(), t.TempDir()
		must(t, os.Symlink(outside, filepath.Join(dir, name)))
		if _, err := Open(dir); err == nil {
			t.Errorf("%s is a link to the outside: no error", name)
		}
		dir = t.TempDir()
		must(t, os.Mkdir(filepath.Join(dir, "elsewhere"), 0o700))
		must(t, os.Symlink("elsewhere", filepath.Join(dir, name)))
		if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "is a symbolic link, not a directory: remove it") {
			t.Errorf("%s is a link to the inside: got error %v", name, err)
		}
	}
}

func TestModesWhateverTheUmask(t *testing.T) {
	old := syscall.Umask(0o277)
	defer syscall.Umask(old)
	dir := filepath.Join(t.TempDir(), "cache")
	must(t, os.Mkdir(dir, 0o700))
	must(t, os.Chmod(dir, 0o700))
	s := open(t, dir, Options{})
	b := put(t, s, "x")
	_, err := s.Bytes(t.Context(), b.Digest, 10)
	must(t, err)
	syscall.Umask(0)
	put(t, s, "y")
	must(t, filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		must(t, err)
		info, err := e.Info()
		must(t, err)
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return nil
	}))
}

// CACHE-1: whatever happens to a result's record or blob, the next run finds
// it and ends with the same bytes.
func TestDamagedResult(t *testing.T) {
	for name, damage := range damages {
		for _, class := range []Class{Results, Blobs} {
			for _, secret := range [][]byte{nil, []byte("secret")} {
				t.Run(fmt.Sprintf("%s %s sealed=%t", class, name, secret != nil), func(t *testing.T) {
					dir := t.TempDir()
					s := open(t, dir, Options{Secret: secret})
					(&differ{s: s, patch: "the patch"}).run(t)
					file := patchKey.Digest().Hex()
					if class == Blobs {
						file = Sum([]byte("the patch")).Hex()
					}
					damage(t, filepath.Join(dir, string(class), file))
					again := &differ{s: open(t, dir, Options{Secret: secret}), patch: "the patch"}
					again.run(t)
					if again.made != 1 {
						t.Errorf("made %d times, want once more", again.made)
					}
					if n := quarantined(t, dir); n != 1 {
						t.Errorf("%d entries in quarantine, want 1", n)
					}
				})
			}
		}
	}
}

// CACHE-1, CACHE-2: a record that is whole and still wrong: another key's, one
// for another pair, one that points to a planted patch.
func TestPoisonedResult(t *testing.T) {
	poison := func(t *testing.T, s *Store, key Key, patch string) {
		t.Helper()
		_, err := s.Do(t.Context(), key, (&differ{s: s, patch: patch}).make)
		must(t, err)
	}
	otherKey := Key{Space: "patch", Parts: map[string]string{"old": "sha256:x", "new": "sha256:y", "differ": "1"}}
	for _, secret := range [][]byte{nil, []byte("secret")} {
		t.Run(fmt.Sprintf("record of another key sealed=%t", secret != nil), func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir, Options{Secret: secret})
			poison(t, s, otherKey, "other patch")
			name := func(k Key) string { return filepath.Join(dir, "keys", k.Digest().Hex()) }
			must(t, os.Rename(name(otherKey), name(patchKey)))
			d := &differ{s: open(t, dir, Options{Secret: secret}), patch: "the patch"}
			d.run(t)
			if d.made != 1 || quarantined(t, dir) != 1 {
				t.Errorf("made %d times, %d in quarantine", d.made, quarantined(t, dir))
			}
		})
		t.Run(fmt.Sprintf("planted sealed=%t", secret != nil), func(t *testing.T) {
			dir := t.TempDir()
			poison(t, open(t, dir, Options{Secret: []byte("attacker's")}), patchKey, "evil patch")
			d := &differ{s: open(t, dir, Options{Secret: secret}), patch: "the patch"}
			d.run(t)
			if d.made != 1 || quarantined(t, dir) != 1 {
				t.Errorf("made %d times, %d in quarantine", d.made, quarantined(t, dir))
			}
		})
	}
}

// A result is proven once: by a process, or, with a secret, by any.
func TestProvenOnce(t *testing.T) {
	for _, secret := range [][]byte{nil, []byte("secret")} {
		dir := t.TempDir()
		first := &differ{s: open(t, dir, Options{Secret: secret}), patch: "the patch"}
		first.run(t)
		first.run(t)
		second := &differ{s: open(t, dir, Options{Secret: secret}), patch: "the patch"}
		second.run(t)
		second.run(t)
		want := 1
		if secret != nil {
			want = 0
		}
		if first.tried != 1 || second.tried != want || second.made != 0 {
			t.Errorf("secret %q: proven %d and %d times, want 1 and %d; made again %d times", secret, first.tried, second.tried, want, second.made)
		}
		// One that came from elsewhere may be right and still not ours: made again.
		moved := &differ{s: open(t, dir, Options{Secret: []byte("another")}), patch: "the patch"}
		moved.run(t)
		if moved.tried != 1 || moved.made != 1 || quarantined(t, dir) != 1 {
			t.Errorf("moved: proven %d times, made %d times, %d in quarantine", moved.tried, moved.made, quarantined(t, dir))
		}
	}
}

func TestMadeWrong(t *testing.T) {
	dir := t.TempDir()
	d := &differ{patch: "broken patch"}
	d.s = open(t, dir, Options{})
	if _, err := d.s.DoProven(t.Context(), patchKey, d.make, d.prove); err == nil || !strings.Contains(err.Error(), "patch just made: applied it gives") {
		t.Errorf("got error %v", err)
	}
	files, _ := os.ReadDir(filepath.Join(dir, "keys"))
	if len(files) != 0 {
		t.Error("a disproved result is kept")
	}
}

// Results that nobody can prove count only with our seal, if we have one.
func TestUnsealedIsMadeAgain(t *testing.T) {
	dir := t.TempDir()
	made := 0
	do := func(secret string) {
		s := open(t, dir, Options{Secret: []byte(secret)})
		_, err := s.Do(t.Context(), patchKey, func(ctx context.Context) (Value, error) {
			made++
			return Value{Note: []byte(`"whole"`)}, nil
		})
		must(t, err)
	}
	for i, c := range []struct {
		secret string
		made   int
	}{{"", 1}, {"", 1}, {"a", 2}, {"a", 2}, {"b", 3}, {"", 3}} {
		do(c.secret)
		if made != c.made {
			t.Errorf("step %d: made %d times, want %d", i, made, c.made)
		}
	}
}
