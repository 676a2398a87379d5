//go:build unix

package xz

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"slipway/testdata/peer"
)

// benchInputs are made from what is on any machine with Go; SLIPWAY_XZ_FILES,
// a list of paths, takes their place.
func benchInputs(t testing.TB) (names []string, data map[string][]byte) {
	t.Helper()
	data = map[string][]byte{}
	add := func(name string, b []byte) {
		names = append(names, name)
		data[name] = b
	}
	read := func(path string) []byte {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if list := os.Getenv("SLIPWAY_XZ_FILES"); list != "" {
		for _, path := range filepath.SplitList(list) {
			add(filepath.Base(path), read(path))
		}
		return names, data
	}
	gotool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go program to compress")
	}
	add("executable", read(gotool))
	add("sources", goSources(t, 8<<20))
	add("patch", sparsePatch(16<<20))
	noise := make([]byte, 4<<20)
	rnd := rand.New(rand.NewPCG(3, 4))
	for i := range noise {
		noise[i] = byte(rnd.Uint32())
	}
	add("noise", noise)
	return names, data
}

func cpu() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkPeers compares with the xz program at the same settings, both by CPU
// time, and prints a table:
//
//	go test -run '^$' -bench Peers -benchtime 1x ./updates/xz/
func BenchmarkPeers(b *testing.B) {
	xz := peer.Path(b, "xz")
	settings := []struct {
		name string
		o    Options
		args []string
	}{
		{"x86 6", Options{BCJ: X86, BlockSize: 24 << 20}, []string{"--x86", "--lzma2=preset=6", "--block-size=24MiB"}},
		{"nice 273", Options{Nice: 273, BlockSize: 24 << 20}, []string{"--lzma2=preset=6,nice=273", "--block-size=24MiB"}},
		{"x86 9", Options{Preset: 9, BCJ: X86, BlockSize: 24 << 20}, []string{"--x86", "--lzma2=preset=9", "--block-size=24MiB"}},
		{"x86 9e", Options{Preset: 9, Extreme: true, BCJ: X86, BlockSize: 24 << 20}, []string{"--x86", "--lzma2=preset=9e", "--block-size=24MiB"}},
	}
	names, data := benchInputs(b)
	for b.Loop() {
		fmt.Printf("\n%-14s %-9s %10s %10s %10s %7s %7s %7s %6s %7s\n", "input", "settings", "bytes", "ours", "xz", "size", "s ours", "s xz", "cpu", "decode")
		for _, name := range names {
			for _, s := range settings {
				if name == "noise" && s.name != "x86 6" {
					continue
				}
				in := data[name]
				runtime.GC()
				before := cpu()
				ours, err := Encode(in, s.o)
				if err != nil {
					b.Fatal(err)
				}
				used := cpu() - before
				before = cpu()
				if back, err := Decode(ours, int64(len(in))); err != nil || !bytes.Equal(back, in) {
					b.Fatalf("%s: does not decode to the input: %v", name, err)
				}
				decode := cpu() - before

				cmd := exec.Command(xz, append(s.args, "-T1", "-c")...)
				cmd.Stdin = bytes.NewReader(in)
				theirs, err := cmd.Output()
				if err != nil {
					b.Fatal(err)
				}
				theirCPU := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
				fmt.Printf("%-14s %-9s %10d %10d %10d %7.4f %7.2f %7.2f %6.2f %5.0f/s\n", name, s.name, len(in), len(ours), len(theirs),
					float64(len(ours))/float64(len(theirs)), used.Seconds(), theirCPU.Seconds(), used.Seconds()/theirCPU.Seconds(),
					float64(len(in))/1e6/decode.Seconds())
			}
		}
	}
}

// Packages hold thousands of small files; tables must cost in proportion.
func BenchmarkSmall(b *testing.B) {
	text := samples()["text"][:1000]
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Encode(text, Options{BCJ: X86}); err != nil {
			b.Fatal(err)
		}
	}
}

// Two workers should take half the time on four blocks, and no more CPU time,
// which can be told on a busy machine, too:
//
//	go test -run '^$' -bench Workers ./updates/xz/
func BenchmarkWorkers(b *testing.B) {
	in := sparsePatch(8 << 20)
	for _, n := range []int{1, 2} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			before := cpu()
			for b.Loop() {
				if _, err := Encode(in, Options{BlockSize: 2 << 20, Workers: n}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric((cpu()-before).Seconds()/float64(b.N), "cpu-s/op")
		})
	}
}
