//go:build unix

package bsdiff

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"
)

// adversaries are the shapes on which differs go quadratic; twins is the one
// that takes bsdiff minutes for half a megabyte.
var adversaries = []struct {
	name string
	make func(n int) (old, new []byte)
}{
	{"random", func(n int) (old, new []byte) { return noise(1, n), noise(2, n) }},
	{"zeros", func(n int) (old, new []byte) { return make([]byte, n), make([]byte, n+n/8) }},
	{"periodic", func(n int) (old, new []byte) {
		return bytes.Repeat([]byte("abcdefg"), n/7), bytes.Repeat([]byte("bcdefgahi"), n/9)
	}},
	{"page", func(n int) (old, new []byte) {
		page := noise(3, 4096)
		return bytes.Repeat(page, n/4096), bytes.Repeat(page[:4093], n/4093)
	}},
	{"twins", func(n int) (old, new []byte) {
		prefix, a, q := noise(4, 1000), noise(5, n/2), noise(6, 777)
		b := bytes.Clone(a)
		for _, i := range []int{100, len(b) - 50, len(b) - 40, len(b) - 30, len(b) - 20} {
			b[i]++
		}
		return bytes.Join([][]byte{prefix, a, q, b}, nil), append(prefix, b...)
	}},
	{"salted", func(n int) (old, new []byte) { // one word everywhere, else nothing in common
		old, new = noise(7, n), noise(8, n)
		for i := 0; i+32 < n; i += 32 {
			copy(old[i:], "a popular seed !")
			copy(new[i:], "a popular seed !")
		}
		return old, new
	}},
	{"records", func(n int) (old, new []byte) { // any two places of the table agree in every other record
		rng := rand.New(rand.NewPCG(9, 0))
		var rises []uint32
		for range n / 4 {
			rises = append(rises, 0x2000+4*rng.Uint32N(2))
		}
		table := func(sum uint32) (b []byte) {
			for _, r := range rises {
				sum += r
				b = binary.LittleEndian.AppendUint32(b, sum)
			}
			return b
		}
		old = table(1)
		const cut = 24
		rng.Shuffle(len(rises)/cut, func(i, j int) {
			for k := range cut {
				rises[i*cut+k], rises[j*cut+k] = rises[j*cut+k], rises[i*cut+k]
			}
		})
		return old, table(2)
	}},
}

// BenchmarkAdversaries shows linear growth: nanoseconds of CPU time per byte
// stay level, but for what larger tables wait longer for memory.
func BenchmarkAdversaries(b *testing.B) {
	for _, a := range adversaries {
		for _, size := range []int{256 << 10, 1 << 20, 8 << 20} {
			b.Run(fmt.Sprintf("%s/%dKiB", a.name, size>>10), func(b *testing.B) {
				old, new := a.make(size)
				from := cpuTime(b)
				for b.Loop() {
					if _, err := Diff(old, new, Options{Workers: 1}); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(cpuTime(b)-from)/float64(b.N)/float64(len(old)+len(new)), "cpu-ns/byte")
			})
		}
	}
}

// cpuTime returns what this process has used so far: unlike the time that has
// passed, it does not count what other processes do meanwhile.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
