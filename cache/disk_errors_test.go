package cache

import (
	"context"
	"errors"
	"io/fs"
	"syscall"
	"testing"
)

// sick is a disk that cannot read records for a while.
type sick struct {
	*memory
	ill bool
}

type sickFile struct{ File }

func (sickFile) ReadAt([]byte, int64) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: "keys", Err: syscall.EIO}
}

func (s *sick) Open(ctx context.Context, c Class, name string) (File, error) {
	f, err := s.memory.Open(ctx, c, name)
	if err == nil && s.ill && c == Results {
		f = sickFile{f}
	}
	return f, err
}

// A record that cannot be read may be good: it is neither damaged nor made again.
func TestReadErrorIsNoDamage(t *testing.T) {
	disk := &sick{memory: &memory{entries: map[Class]map[string]*kept{}}}
	s := New(disk, Options{})
	d := &differ{s: s, patch: "the patch"}
	d.run(t)
	disk.ill = true
	if _, err := s.DoProven(t.Context(), patchKey, d.make, d.prove); !errors.Is(err, syscall.EIO) {
		t.Errorf("Do: got %v, want %v", err, syscall.EIO)
	}
	if v, err := s.Verify(t.Context(), true); !errors.Is(err, syscall.EIO) || len(v.Bad) > 0 {
		t.Errorf("Verify: got %v and %v, want %v", v.Bad, err, syscall.EIO)
	}
	if _, err := s.Stats(t.Context()); !errors.Is(err, syscall.EIO) {
		t.Errorf("Stats: got %v, want %v", err, syscall.EIO)
	}
	disk.ill = false
	d.run(t)
	if d.made != 1 {
		t.Errorf("made %d times, want once: the record was good all the time", d.made)
	}
}

// What keeps a proof from being made disproves nothing.
func TestOnlyADisproofCounts(t *testing.T) {
	for name, c := range map[string]struct {
		proof error
		want  error
		made  int
		aside int
	}{
		"full disk":  {syscall.ENOSPC, syscall.ENOSPC, 1, 0},
		"cancelled":  {context.Canceled, context.Canceled, 1, 0},
		"disproof":   {Disprovef("applied it gives another file"), nil, 2, 1},
		"wrapped up": {errors.Join(Disproof(syscall.EINVAL)), nil, 2, 1},
		// What the proof needs was trimmed: making says so, or does without.
		"trimmed": {ErrMissing, nil, 2, 0},
	} {
		dir := t.TempDir()
		d := &differ{s: open(t, dir, Options{}), patch: "the patch"}
		d.run(t)
		d.s = open(t, dir, Options{}) // another process, which proves anew
		proof := c.proof
		_, err := d.s.DoProven(t.Context(), patchKey, d.make, func(context.Context, Value) error {
			defer func() { proof = nil }() // the one just made is good
			return proof
		})
		if !errors.Is(err, c.want) || d.made != c.made || quarantined(t, dir) != c.aside {
			t.Errorf("%s: got %v, made %d times, %d in quarantine; want %v, %d, %d", name, err, d.made, quarantined(t, dir), c.want, c.made, c.aside)
		}
	}
}
