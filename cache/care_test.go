package cache

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// clock is a hand-set clock.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func newClock() *clock { return &clock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func keep(t *testing.T, s *Store, name, text string) Blob {
	t.Helper()
	v, err := s.Do(t.Context(), Key{Space: "test", Parts: map[string]string{"name": name}},
		func(ctx context.Context) (Value, error) {
			b, err := s.PutBytes(ctx, []byte(text))
			return Value{Blobs: []Blob{b}}, err
		})
	must(t, err)
	return v.Blobs[0]
}

func TestTrimLeavesWhatIsUsed(t *testing.T) {
	dir := t.TempDir()
	c := newClock()
	s := open(t, dir, Options{Now: c.now})
	var blobs []Blob
	for i := range 5 {
		blobs = append(blobs, keep(t, s, fmt.Sprint(i), strings.Repeat(fmt.Sprint(i), 10_000)))
	}
	// All were last used long ago, the higher number the later.
	for i, b := range blobs {
		used := c.t.Add(time.Duration(i-48) * time.Hour)
		must(t, os.Chtimes(filepath.Join(dir, "blobs", b.Digest.Hex()), used, used))
		key := Key{Space: "test", Parts: map[string]string{"name": fmt.Sprint(i)}}
		must(t, os.Chtimes(filepath.Join(dir, "keys", key.Digest().Hex()), used, used))
	}
	keep(t, s, "0", "") // a hit: 0 is now the one used last
	got, err := s.Trim(t.Context(), TrimOptions{Max: 25_000, Keep: 2 * time.Hour})
	must(t, err)
	if got.Freed < 30_000 || got.Left > 25_000 {
		t.Errorf("trimmed %+v", got)
	}
	var left []int
	for i, b := range blobs {
		if s.Has(b.Digest) {
			left = append(left, i)
		}
	}
	if !slices.Equal(left, []int{0, 4}) {
		t.Errorf("left are %v, want 0 and 4", left)
	}
	st, err := s.Stats(t.Context())
	must(t, err)
	if st.Blobs != 2 || st.Results["test"].Results != 2 || st.Bytes != got.Left {
		t.Errorf("stats %+v", st)
	}
	// What was used an hour ago stays, whatever the bound.
	got, err = s.Trim(t.Context(), TrimOptions{Max: 0, Keep: 2 * time.Hour})
	must(t, err)
	if !s.Has(blobs[0].Digest) || s.Has(blobs[4].Digest) {
		t.Errorf("a bound of 0 trimmed %+v", got)
	}
	c.t = c.t.Add(3 * time.Hour)
	_, err = s.Trim(t.Context(), TrimOptions{Max: 0, Keep: 2 * time.Hour})
	must(t, err)
	if s.Has(blobs[0].Digest) {
		t.Error("the last one is still there")
	}
}

// Reading refreshes the time of last use at most hourly.
// A clock that was wrong once dated entries in the future: they are trimmed, and
// spare nothing behind them. Of the hour to come one cannot tell.
func TestTrimTakesWhatIsFromTheFuture(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	s := open(t, dir, Options{Now: c.now})
	var blobs []Blob
	for i, used := range []time.Duration{-30 * time.Minute, 30 * time.Minute, 365 * 24 * time.Hour, 366 * 24 * time.Hour} {
		b := put(t, s, fmt.Sprint(i, strings.Repeat("x", 10_000)))
		must(t, os.Chtimes(filepath.Join(dir, "blobs", b.Digest.Hex()), c.t.Add(used), c.t.Add(used)))
		blobs = append(blobs, b)
	}
	_, err := s.Bytes(t.Context(), blobs[3].Digest, 1<<20) // used today after all
	must(t, err)
	got, err := s.Trim(t.Context(), TrimOptions{Keep: time.Hour})
	must(t, err)
	var left []bool
	for _, b := range blobs {
		left = append(left, s.Has(b.Digest))
	}
	if !slices.Equal(left, []bool{true, true, false, true}) || got.Removed != 1 {
		t.Errorf("left are %v, trimmed %+v", left, got)
	}
}

func TestTouchHourly(t *testing.T) {
	dir := t.TempDir()
	c := newClock()
	s := open(t, dir, Options{Now: c.now})
	b := put(t, s, "x")
	path := filepath.Join(dir, "blobs", b.Digest.Hex())
	must(t, os.Chtimes(path, c.t, c.t))
	used := func() time.Time {
		r, err := s.Get(t.Context(), b.Digest)
		must(t, err)
		r.Close()
		info, err := os.Stat(path)
		must(t, err)
		return info.ModTime().UTC()
	}
	start := c.t
	c.t = start.Add(59 * time.Minute)
	if got := used(); !got.Equal(start) {
		t.Errorf("after 59 minutes: touched at %v", got)
	}
	c.t = start.Add(61 * time.Minute)
	if got := used(); !got.Equal(c.t) {
		t.Errorf("after 61 minutes: last used %v, want %v", got, c.t)
	}
}

func TestHitKnowsWhatItSaved(t *testing.T) {
	dir := t.TempDir()
	c := newClock()
	s := open(t, dir, Options{Now: c.now})
	_, err := s.Do(t.Context(), patchKey, func(ctx context.Context) (Value, error) {
		c.t = c.t.Add(90 * time.Second)
		b, err := s.PutBytes(ctx, []byte("12345"))
		return Value{Blobs: []Blob{b}}, err
	})
	must(t, err)
	must(t, s.Close())
	s = open(t, dir, Options{Now: c.now})
	_, err = s.Do(t.Context(), patchKey, nil)
	must(t, err)
	want := Counts{Hits: 1, BytesSaved: 5, SecondsSaved: 90}
	if got := s.Counts()["patch"]; got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
	must(t, s.Close())
	st, err := open(t, dir, Options{}).Stats(t.Context())
	must(t, err)
	want.Misses, want.SecondsSpent = 1, 90
	if got := st.Saved["patch"]; got != want {
		t.Errorf("totals %+v, want %+v", got, want)
	}
	if got := st.Results["patch"]; got != (SpaceStats{Results: 1, Bytes: 5, Seconds: 90}) {
		t.Errorf("kept %+v", got)
	}
}

func TestWhy(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	key := func(old, new, differ string) Key {
		return Key{Space: "patch", Parts: map[string]string{"old": old, "new": new, "differ": differ}}
	}
	for _, k := range []Key{key("a", "b", "mbdiff/1"), key("a", "c", "mbdiff/1"), {Space: "xz", Parts: key("a", "b", "mbdiff/2").Parts}} {
		_, err := s.Do(t.Context(), k, func(ctx context.Context) (Value, error) {
			b, err := s.PutBytes(ctx, []byte(k.Parts["new"]))
			return Value{Blobs: []Blob{b}}, err
		})
		must(t, err)
	}
	w, err := s.Why(t.Context(), key("a", "b", "mbdiff/1"))
	must(t, err)
	if w.Hit == nil || w.Nearest != nil {
		t.Errorf("a kept key: %+v", w)
	}
	w, err = s.Why(t.Context(), key("a", "b", "mbdiff/2"))
	must(t, err)
	if w.Hit != nil || !slices.Equal(w.Differs, []Difference{{"differ", "mbdiff/2", "mbdiff/1"}}) || w.Nearest.Key.Parts["new"] != "b" {
		t.Errorf("another version: %+v", w)
	}
	w, err = s.Why(t.Context(), Key{Space: "sign", Parts: map[string]string{"x": "y"}})
	must(t, err)
	if w.Hit != nil || w.Nearest != nil {
		t.Errorf("unknown space: %+v", w)
	}
	makers, err := s.Makers(t.Context(), Sum([]byte("c")))
	must(t, err)
	if len(makers) != 1 || makers[0].Key.Parts["new"] != "c" {
		t.Errorf("makers %+v", makers)
	}
}

func TestVerifyPutsAside(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	b := keep(t, s, "n", "text")
	must(t, os.WriteFile(filepath.Join(dir, "blobs", b.Digest.Hex()), []byte("tex"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "blobs", "stray"), []byte("tex"), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "keys", b.Digest.Hex()), []byte("{}\n"), 0o600))
	for _, putAside := range []bool{false, true} {
		v, err := s.Verify(t.Context(), putAside)
		must(t, err)
		if len(v.Bad) != 3 || !strings.Contains(v.Bad[1].Error(), "stray: is not a name of ours") {
			t.Errorf("putAside %t: found %v", putAside, v.Bad)
		}
	}
	v, err := s.Verify(t.Context(), false)
	must(t, err)
	if len(v.Bad) != 0 || quarantined(t, dir) != 3 {
		t.Errorf("after putting aside: found %v, %d in quarantine", v.Bad, quarantined(t, dir))
	}
}

// Looking writes nothing: on a file system that is read-only, or has no room for
// one more file, what is there can be counted, checked and trimmed.
func TestLookingWritesNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	keep(t, s, "a", "bytes")
	must(t, s.Close())

	looks := open(t, dir, Options{})
	_, err := looks.Stats(t.Context())
	must(t, err)
	_, err = looks.Verify(t.Context(), false)
	must(t, err)
	_, err = looks.Trim(t.Context(), TrimOptions{})
	must(t, err)
	if made, err := os.ReadDir(filepath.Join(dir, "tmp")); err != nil || len(made) > 0 {
		t.Errorf("looking made %v, %v", made, err)
	}
	must(t, looks.Close())
}
