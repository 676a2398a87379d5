//go:build unix

package updates

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"slipway/cache"
)

// scale is what SLIPWAY_SCALE asks for: "" skips the tests of this file, 1 runs
// them as the issue describes (make bench-scale), a fraction scales them down.
func scale(t *testing.T) float64 {
	s := os.Getenv("SLIPWAY_SCALE")
	if s == "" {
		t.Skip("set SLIPWAY_SCALE=1 to run at scale")
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const (
	versions    = 5  // four priors and the new one
	filesShared = 58 // of the files of a build, alike in all locales
	filesLocale = 2
)

// matrix is a synthetic product in many locales: every file changes with every
// version, some are alike in all locales of a platform.
type matrix struct {
	platforms, locales int
	big                int // bytes of one more shared file, an executable of sorts
}

func (m matrix) file(platform, locale, n, version int) []byte {
	rng := rand.New(rand.NewPCG(uint64(platform*1000+n), uint64(locale)))
	words := make([]string, 40)
	for i := range words {
		words[i] = strconv.FormatUint(rng.Uint64(), 36)
	}
	var b bytes.Buffer
	for b.Len() < 1500+20*n {
		fmt.Fprintf(&b, "%s = %s;\n", words[rng.IntN(40)], words[rng.IntN(40)])
	}
	data := b.Bytes()
	for v := range version { // each version changes a few words more
		copy(data[(200*v+n*7)%(len(data)-20):], fmt.Sprintf("version %d", v))
	}
	return data
}

// binary is code-like: instructions of a few shapes with addresses in them that
// all move when something is inserted.
func (m matrix) binary(version int) []byte {
	rng := rand.New(rand.NewPCG(9, 9))
	out := make([]byte, 0, m.big+64)
	shift := uint32(0)
	for len(out) < m.big {
		if rng.IntN(20_000) == 0 { // the same places in all versions
			n := rng.IntN(40) * version
			shift += uint32(n)
			out = append(out, make([]byte, n)...)
		}
		to := uint32(rng.Uint64N(uint64(m.big))) + shift
		out = append(out, 0xe8, byte(to), byte(to>>8), byte(to>>16), byte(to>>24), byte(rng.IntN(8))<<3|0x48, 0x89, byte(rng.Uint32()))
	}
	return out
}

// tree puts one build into b.
func (m matrix) tree(t *testing.T, b *Builder, platform, locale, version int) cache.Digest {
	var tree cache.Tree
	batch := b.Store.Batch()
	put := func(path string, data []byte) {
		blob, err := batch.PutBytes(t.Context(), data)
		check(t, err)
		tree.Entries = append(tree.Entries, cache.Entry{Path: path, Mode: 0o644, Size: blob.Size, Blob: blob.Digest})
	}
	for n := range filesShared {
		put(fmt.Sprintf("d%d/f%02d", n%7, n), m.file(platform, 0, n, version))
	}
	for n := range filesLocale {
		put(fmt.Sprintf("l/f%d", n), m.file(platform, 1+locale, 60+n, version))
	}
	if m.big > 0 {
		put("app", m.binary(version))
	}
	check(t, batch.Commit(t.Context()))
	return keepTree(t, b, tree)
}

// trees puts all builds into b.
func (m matrix) trees(t *testing.T, b *Builder) map[[3]int]cache.Digest {
	out := map[[3]int]cache.Digest{}
	for p := range m.platforms {
		for l := range m.locales {
			for v := range versions {
				out[[3]int{p, l, v}] = m.tree(t, b, p, l, v)
			}
		}
	}
	return out
}

// job makes a complete and the partials from all priors of one locale.
func (m matrix) job(t *testing.T, b *Builder, trees map[[3]int]cache.Digest, p, l int) (mars []MAR) {
	to := trees[[3]int{p, l, versions - 1}]
	complete, err := b.Complete(t.Context(), CompleteJob{Tree: to, ChannelID: "c", Version: "5", BCJ: BCJX86, MakePrecomplete: true})
	check(t, err)
	mars = append(mars, complete)
	for v := range versions - 1 {
		partial, err := b.Partial(t.Context(), PartialJob{
			From: Source{Tree: trees[[3]int{p, l, v}]}, To: Source{Tree: to},
			ChannelID: "c", Version: "5", BCJ: BCJX86, MakePrecomplete: true, CompleteSize: complete.Size,
		})
		check(t, err)
		if partial.Exceeds > 0 {
			t.Errorf("partial %d/%d/%d exceeds its complete", p, l, v)
		}
		mars = append(mars, partial)
	}
	return mars
}

// cpu is the time that this process has computed.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Profile P3 of the release process in miniature: 98 locales, 6 platforms, 4
// priors. 95.68 of 100 lookups must hit, for that is how much is alike; diffing
// must take a ninth of the time it takes without a cache, to the same bytes;
// every update is applied.
func TestScaleLocales(t *testing.T) {
	m := matrix{platforms: 6, locales: max(2, int(98*scale(t)))}
	b := newBuilder(t, 0)
	trees := m.trees(t, b)
	t.Logf("%d trees", len(trees))

	start, startCPU := time.Now(), cpu()
	var verify VerifyJob
	made := map[[2]int][]MAR{}
	partials := 0
	for p := range m.platforms {
		for l := range m.locales {
			mars := m.job(t, b, trees, p, l)
			made[[2]int{p, l}] = mars
			to := Source{Tree: trees[[3]int{p, l, versions - 1}]}
			for v, mar := range mars[1:] {
				verify.Updates = append(verify.Updates, Update{
					Name: fmt.Sprintf("%d/%d/%d", p, l, v), From: Source{Tree: trees[[3]int{p, l, v}]}, MAR: mar.Blob, To: to,
				})
				partials++
			}
		}
	}
	counts := b.Store.Counts()["patch"]
	rate := float64(counts.Hits) / float64(counts.Hits+counts.Misses)
	t.Logf("%d completes, %d partials in %.0f s (%.0f s CPU)", len(made), partials, time.Since(start).Seconds(), (cpu() - startCPU).Seconds())
	t.Logf("patches: %d lookups, %.2f %% hits", counts.Hits+counts.Misses, 100*rate)
	lookups := partials * (filesShared + filesLocale)
	if counts.Hits+counts.Misses != int64(lookups) {
		t.Errorf("%d lookups, want one for each file and partial: %d", counts.Hits+counts.Misses, lookups)
	}
	if m.locales == 98 && rate < 0.956 {
		t.Errorf("hit rate %.4f, want 0.956", rate)
	}

	start = time.Now()
	if _, err := b.Verify(t.Context(), verify); err != nil {
		t.Error(err)
	}
	t.Logf("%d partials verified in %.0f s", len(verify.Updates), time.Since(start).Seconds())

	// Without a cache each locale's packages are made from nothing.
	var spent float64
	var mu sync.Mutex
	err := b.each(t.Context(), len(made), nil, func(_ context.Context, i, _ int) error {
		p, l := i/m.locales, i%m.locales
		for v := range versions - 1 {
			own := &Builder{Store: cache.New(newMemory(), cache.Options{}), Workers: 1}
			from, to := m.tree(t, own, p, l, v), m.tree(t, own, p, l, versions-1)
			mar, err := own.Partial(t.Context(), PartialJob{
				From: Source{Tree: from}, To: Source{Tree: to}, ChannelID: "c", Version: "5", BCJ: BCJX86, MakePrecomplete: true,
			})
			if err != nil {
				return err
			}
			if want := made[[2]int{p, l}][1+v]; mar.Blob != want.Blob {
				t.Errorf("partial %d/%d/%d: %s without a cache, %s with one", p, l, v, mar.Blob.Short(), want.Blob.Short())
			}
			mu.Lock()
			spent += own.Store.Counts()["patch"].SecondsSpent
			mu.Unlock()
		}
		return nil
	})
	check(t, err)
	t.Logf("diff time %.1f s with the cache, %.1f s without: %.1f times", counts.SecondsSpent, spent, spent/counts.SecondsSpent)
	if m.locales == 98 && spent < 9*counts.SecondsSpent {
		t.Error("want at least 9 times")
	}
}

// One large binary that all locales share: 100 locales with 4 priors each cost
// little more than one locale, and doing all of it again little more than
// hashing what is read and written.
func TestScaleBig(t *testing.T) {
	m := matrix{platforms: 1, locales: max(2, int(100*scale(t))), big: int(min(1, 2*scale(t)) * (30 << 20))}
	dir := t.TempDir()
	b := openBuilder(t, dir, 0, "secret")
	trees := m.trees(t, b)
	run := func(b *Builder, locales int) (mars []MAR, took time.Duration) {
		start := cpu()
		for l := range locales {
			mars = append(mars, m.job(t, b, trees, 0, l)...)
		}
		return mars, cpu() - start
	}
	_, one := run(b, 1)
	first, rest := run(b, m.locales)
	all := one + rest // the first locale's second turn is in it, and costs next to nothing
	t.Logf("CPU of one locale %.1f s, of %d locales %.1f s: %.2f times", one.Seconds(), m.locales, all.Seconds(), all.Seconds()/one.Seconds())
	if all > 6*one {
		t.Error("want at most 6 times")
	}
	b.Store.Close()

	b = openBuilder(t, dir, 0, "secret")
	again, warm := run(b, m.locales)
	for i := range first {
		if first[i].Blob != again[i].Blob {
			t.Errorf("package %d differs when made again", i)
		}
	}
	var n int64
	start := cpu()
	for l := range m.locales {
		for v := range versions {
			for _, e := range getTree(t, b, trees[[3]int{0, l, v}]).Entries {
				n += m.hash(t, dir, e.Blob)
			}
		}
	}
	for _, mar := range again {
		n += 2 * m.hash(t, dir, mar.Blob) // what it is assembled of is as large
	}
	hashing := cpu() - start
	t.Logf("CPU of doing all again %.1f s; of hashing inputs, entries and outputs (%.1f GB) %.1f s: %.2f times",
		warm.Seconds(), float64(n)/1e9, hashing.Seconds(), warm.Seconds()/hashing.Seconds())
	if warm > hashing*12/10 {
		t.Error("want at most 1.2 times")
	}
}

// hash reads a blob as the store keeps it.
func (matrix) hash(t *testing.T, dir string, d cache.Digest) int64 {
	f, err := os.Open(filepath.Join(dir, "blobs", d.Hex()))
	check(t, err)
	defer f.Close()
	n, err := io.Copy(sha256.New(), f)
	check(t, err)
	return n
}
