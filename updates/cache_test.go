package updates

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/cache"
	"slipway/updates/xz"
)

// openBuilder opens a builder on a cache directory that outlives it.
func openBuilder(t testing.TB, dir string, workers int, secret string) *Builder {
	t.Helper()
	s, err := cache.OpenWith(dir, cache.Options{Secret: []byte(secret)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &Builder{Store: s, Workers: workers}
}

// product makes two versions of a small product: some files equal, some
// changed a little, some wholly, some new or gone.
func product(seed uint64) (old, fresh []file) {
	rng := rand.New(rand.NewPCG(seed, 7))
	text := func(n int) string {
		words := []string{"alpha", "beta", "gamma", "delta", "omega ", "\n", "x86", "0123"}
		var b strings.Builder
		for b.Len() < n {
			b.WriteString(words[rng.IntN(len(words))])
		}
		return b.String()
	}
	for i := range 12 {
		name := string(rune('a'+i)) + "/f"
		data := text(2000 + 300*i)
		switch i % 4 {
		case 0:
			old, fresh = append(old, file{name, 0, data}), append(fresh, file{name, 0, data})
		case 1, 2:
			old, fresh = append(old, file{name, 0o755, data}), append(fresh, file{name, 0o755, data[:900] + "CHANGED" + data[905:]})
		case 3:
			old, fresh = append(old, file{name, 0, data}), append(fresh, file{"new/" + name, 0, text(500)})
		}
	}
	noise := func() string { return string(binaryNoise(rng, 4000)) }
	old, fresh = append(old, file{"noise", 0, noise()}), append(fresh, file{"noise", 0, noise()})
	return old, fresh
}

func binaryNoise(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// both makes the complete and the partial of the product.
func both(t testing.TB, b *Builder) (complete, partial MAR) {
	t.Helper()
	old, fresh := product(1)
	return bothOf(t, b, putTree(t, b, old...), putTree(t, b, fresh...))
}

func bothOf(t testing.TB, b *Builder, from, to cache.Digest) (complete, partial MAR) {
	t.Helper()
	var mars [2]MAR
	for i, tree := range []cache.Digest{from, to} {
		m, err := b.Complete(t.Context(), CompleteJob{Tree: tree, ChannelID: "c", Version: string(rune('1' + i)), BCJ: BCJX86, MakePrecomplete: true})
		if err != nil {
			t.Fatal(err)
		}
		mars[i] = m
	}
	partial, err := b.Partial(t.Context(), PartialJob{From: Source{MAR: mars[0].Blob}, To: Source{MAR: mars[1].Blob}, Format: FormatBest})
	if err != nil {
		t.Fatal(err)
	}
	return mars[1], partial
}

// Workers, the order in which files were put, and what the cache holds decide
// nothing.
func TestSameBytesAnyway(t *testing.T) {
	complete, partial := both(t, newBuilder(t, 1))
	for _, workers := range []int{2, 7} {
		b := newBuilder(t, workers)
		old, fresh := product(1)
		slices.Reverse(old)
		slices.Reverse(fresh)
		for range 2 { // cold, then warm
			c, p := bothOf(t, b, putTree(t, b, old...), putTree(t, b, fresh...))
			if c.Blob != complete.Blob || p.Blob != partial.Blob {
				t.Errorf("%d workers: complete %s, partial %s, want %s, %s", workers, c.Blob.Short(), p.Blob.Short(), complete.Blob.Short(), partial.Blob.Short())
			}
		}
		files := int64(partial.Patches + partial.Whole)
		if counts := b.Store.Counts()["patch"]; counts.Misses != 2*files || counts.Hits != counts.Misses {
			t.Errorf("%d workers: %+v, want a miss and a hit for each of %d files in both formats", workers, counts, files)
		}
		_, err := b.Partial(t.Context(), PartialJob{From: Source{Tree: putTree(t, b, old...)}, To: Source{MAR: complete.Blob}})
		check(t, err)
		if counts := b.Store.Counts()["patch"]; counts.Misses != 2*files || counts.Hits != 3*files {
			t.Errorf("%d workers: %+v, want the patches of %d files found again for one format", workers, counts, files)
		}
	}
	if partial.Whole == 0 || partial.Patches == 0 {
		t.Errorf("%+v: want patches and a file that no patch makes smaller", partial)
	}
}

// Whatever is done to the files of the cache between two runs, the second
// makes the same bytes: rows CACHE-1 and CACHE-2 of the bad-input matrix.
func TestPoisonedCache(t *testing.T) {
	old, fresh := product(1)
	poisons := map[string]func(t *testing.T, path string, others []string){
		"truncated": func(t *testing.T, path string, _ []string) { check(t, os.Truncate(path, 1)) },
		"emptied":   func(t *testing.T, path string, _ []string) { check(t, os.Truncate(path, 0)) },
		"zeroed": func(t *testing.T, path string, _ []string) {
			info, err := os.Stat(path)
			check(t, err)
			check(t, os.WriteFile(path, make([]byte, info.Size()), 0o600))
		},
		"swapped": func(t *testing.T, path string, others []string) {
			b, err := os.ReadFile(others[0])
			check(t, err)
			check(t, os.WriteFile(path, b, 0o600))
		},
		"removed": func(t *testing.T, path string, _ []string) { check(t, os.Remove(path)) },
		"linked": func(t *testing.T, path string, others []string) {
			check(t, os.Remove(path))
			check(t, os.Symlink(others[0], path))
		},
	}
	for name, poison := range poisons {
		for _, secret := range []string{"", "a secret"} {
			t.Run(name+" sealed="+secret, func(t *testing.T) {
				dir := t.TempDir()
				first := openBuilder(t, dir, 2, secret)
				complete, partial := both(t, first)
				first.Store.Close()
				for _, class := range []string{"blobs", "keys"} {
					paths, err := filepath.Glob(filepath.Join(dir, class, "*"))
					check(t, err)
					if len(paths) < 10 {
						t.Fatalf("%d files in %s: the layout has changed", len(paths), class)
					}
					for i, p := range paths {
						if i%3 == 0 {
							check(t, os.Chmod(p, 0o600))
							poison(t, p, paths[i+1-2*(i/(len(paths)-1)):])
						}
					}
				}
				second := openBuilder(t, dir, 2, secret)
				c, p := bothOf(t, second, putTree(t, second, old...), putTree(t, second, fresh...))
				if c.Blob != complete.Blob || p.Blob != partial.Blob {
					t.Errorf("complete %s, partial %s, want %s, %s", c.Blob, p.Blob, complete.Blob, partial.Blob)
				}
			})
		}
	}
}

// Results planted under the right key, with sound blobs, by somebody who can
// write to the cache: a patch for another pair, one that works but is larger
// than the file, "ship it whole" without need, another file's stream.
func TestPlantedResults(t *testing.T) {
	old, fresh := product(1)
	_, want := both(t, newBuilder(t, 1))
	whole, err := wholePacking(BCJX86, 0)
	check(t, err)
	c := change{
		old: cache.Sum([]byte(old[1].data)), new: cache.Sum([]byte(fresh[1].data)),
		whole: whole, patch: patchPacking(whole),
	}
	bloated := func() []byte { // the right file, by a patch that copies nothing
		raw, err := diff(FormatBsdiff, nil, []byte(fresh[1].data), 1)
		check(t, err)
		raw = append([]byte(nil), raw...)
		good, err := diff(FormatBsdiff, []byte(old[1].data), []byte(fresh[1].data), 1)
		check(t, err)
		copy(raw[8:16], good[8:16]) // size and CRC of the old file
		packed, err := xz.Encode(raw, xz.Options{})
		check(t, err)
		return packed
	}
	packed := func(data []byte) []byte {
		b, err := xz.Encode(data, xz.Options{})
		check(t, err)
		return b
	}
	right, err := diff(FormatBsdiff, []byte(old[1].data), []byte(fresh[1].data), 1)
	check(t, err)
	other, err := diff(FormatBsdiff, []byte(old[2].data), []byte(fresh[2].data), 1)
	check(t, err)
	wholeKey := cache.Key{Space: "xz", Parts: whole.parts(map[string]string{"file": string(c.new)}, "")}
	plants := map[string]struct {
		key  cache.Key
		blob []byte
	}{
		"patch for another pair": {c.key(FormatBsdiff), packed(other)},
		"no patch at all":        {c.key(FormatBsdiff), packed([]byte("hello"))},
		"no xz":                  {c.key(FormatBsdiff), []byte("hello")},
		"bloated patch":          {c.key(FormatBsdiff), bloated()},
		"another format":         {c.key(FormatZucchini), packed(right)},
		"ship it whole":          {c.key(FormatBsdiff), nil},
		"another file's stream":  {wholeKey, packed([]byte(fresh[2].data))},
	}
	for name, plant := range plants {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			attacker := openBuilder(t, dir, 1, "")
			_, err := attacker.Store.Do(t.Context(), plant.key, func(ctx context.Context) (cache.Value, error) {
				if plant.blob == nil {
					return cache.Value{}, nil
				}
				blob, err := attacker.Store.PutBytes(ctx, plant.blob)
				return cache.Value{Blobs: []cache.Blob{blob}}, err
			})
			check(t, err)
			attacker.Store.Close()
			for _, secret := range []string{"", "a secret"} {
				if _, got := both(t, openBuilder(t, dir, 2, secret)); got.Blob != want.Blob {
					t.Errorf("secret %q: partial %s of %d bytes, want %s of %d", secret, got.Blob.Short(), got.Size, want.Blob.Short(), want.Size)
				}
			}
		})
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
