//go:build unix

package peers

import (
	"bytes"
	"compress/bzip2"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/updates/bsdiff"
	"slipway/updates/xz"
)

// cost is CPU time, user and system, and what came out.
type cost struct {
	cpu   time.Duration
	bytes int64
}

func (c *cost) add(o cost) { c.cpu, c.bytes = c.cpu+o.cpu, c.bytes+o.bytes }

// timed runs one of our steps in this process.
func timed(step func() ([]byte, error)) (out []byte, c cost, err error) {
	used := func() time.Duration {
		var u syscall.Rusage
		syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := used()
	out, err = step()
	return out, cost{used() - before, int64(len(out))}, err
}

// program runs one of theirs.
func program(stdin []byte, name string, args ...string) (cost, error) {
	var out, errs bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), &out, &errs
	if err := cmd.Run(); err != nil {
		return cost{}, fmt.Errorf("%s: %w: %.300s", name, err, errs.Bytes())
	}
	s := cmd.ProcessState
	return cost{s.UserTime() + s.SystemTime(), int64(out.Len())}, nil
}

// chain is what one side spent, and packed, in total.
type chain struct{ complete, diff, patch, patch273 cost }

func BenchmarkFirefox(b *testing.B) {
	if b.N > 1 {
		return // one run is long enough
	}
	which := strings.Fields(os.Getenv("SLIPWAY_BENCH_FIREFOX"))
	if len(which) == 0 {
		which = []string{"firefox-esr", "140.12.0esr-1~deb12u1", newest}
	}
	if len(which) != 3 {
		b.Fatalf("SLIPWAY_BENCH_FIREFOX: got %q, want a package and two versions", which)
	}
	var trees [2]string
	for i, version := range which[1:] {
		dir, err := fetch(cacheDir(b), "apt", which[0], version)
		if err != nil {
			fmt.Printf("%s %s absent: %v\n", which[0], version, err)
			return
		}
		trees[i] = filepath.Join(dir, "usr", "lib", which[0])
	}
	largest := int64(1 << 40)
	if s := os.Getenv("SLIPWAY_BENCH_LARGEST"); s != "" {
		mb, err := strconv.ParseInt(s, 10, 32)
		if err != nil {
			b.Fatalf("SLIPWAY_BENCH_LARGEST: %v", err)
		}
		largest = mb * 1e6
	}
	var ours, theirs chain
	files, bytesIn := 0, int64(0)
	err := filepath.WalkDir(trees[1], func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name := strings.TrimPrefix(path, trees[1])
		new, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if int64(len(new)) > largest {
			fmt.Printf("left out: %s, %d bytes\n", name, len(new))
			return nil
		}
		files, bytesIn = files+1, bytesIn+int64(len(new))
		if err := complete(new, &ours, &theirs); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		old, err := os.ReadFile(trees[0] + name)
		if err != nil || bytes.Equal(old, new) || len(old) == 0 || len(new) == 0 {
			return nil // new, or unchanged: no patch
		}
		if err := patch(trees[0]+name, path, old, new, b.TempDir(), &ours, &theirs); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	fmt.Printf("\n%s %s to %s: %d files, %.1f MB; CPU seconds and bytes\n", which[0], which[1], which[2], files, float64(bytesIn)/1e6)
	for _, row := range []struct {
		name  string
		us, o cost
	}{
		{"complete, xz --x86 preset 6", ours.complete, theirs.complete},
		{"diff", ours.diff, theirs.diff},
		{"patches, preset 6", ours.patch, theirs.patch},
		{"together", total(ours, ours.patch), total(theirs, theirs.patch)},
		{"patches, ours at nice 273", ours.patch273, theirs.patch},
		{"together, ours at nice 273", total(ours, ours.patch273), total(theirs, theirs.patch)},
	} {
		fmt.Printf("%-28s ours %8.2f s %11d  theirs %8.2f s %11d  CPU %.3f size %.3f\n", row.name,
			row.us.cpu.Seconds(), row.us.bytes, row.o.cpu.Seconds(), row.o.bytes,
			row.us.cpu.Seconds()/row.o.cpu.Seconds(), float64(row.us.bytes)/float64(row.o.bytes))
	}
}

func total(c chain, patch cost) cost {
	t := c.complete
	t.add(patch)
	t.cpu += c.diff.cpu
	return t
}

// complete packs a whole file both ways.
func complete(data []byte, ours, theirs *chain) error {
	_, us, err := timed(func() ([]byte, error) { return xz.Encode(data, xz.Options{BCJ: xz.X86}) })
	if err != nil {
		return err
	}
	them, err := program(data, "xz", "-T1", "--x86", "--lzma2=preset=6", "--check=crc64", "-c")
	ours.complete.add(us)
	theirs.complete.add(them)
	return err
}

// patch makes and packs the patch of a changed file both ways.
func patch(oldFile, newFile string, old, new []byte, dir string, ours, theirs *chain) error {
	raw, us, err := timed(func() ([]byte, error) {
		p, err := bsdiff.Diff(old, new, bsdiff.Options{})
		if err != nil {
			return nil, err
		}
		return p.MBDIFF10(), nil
	})
	if err != nil {
		return err
	}
	ours.diff.add(us)
	for o, c := range map[xz.Options]*cost{{BCJ: xz.X86}: &ours.patch, {BCJ: xz.X86, Nice: 273}: &ours.patch273} {
		_, us, err := timed(func() ([]byte, error) { return bsdiff.Pack(raw, o) })
		if err != nil {
			return err
		}
		c.add(us)
	}
	file := filepath.Join(dir, "patch")
	them, err := program(nil, "bsdiff", oldFile, newFile, file)
	if err != nil {
		return err
	}
	theirs.diff.add(them)
	streams, err := unpacked(file)
	if err != nil {
		return err
	}
	theirs.diff.bytes += int64(len(streams))
	them, err = program(streams, "xz", "-T1", "--lzma2=preset=6", "--check=crc64", "-c")
	theirs.patch.add(them)
	return err
}

// unpacked returns the three streams of a BSDIFF40 patch as they are before
// bzip2, which is what Mozilla's differ leaves to xz, but for wider numbers.
func unpacked(file string) ([]byte, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	h, err := bsdiff.Inspect(data)
	if err != nil {
		return nil, err
	}
	var out []byte
	data = data[32:]
	for _, n := range []int64{h.Control, h.Diff, h.Extra} {
		stream, err := io.ReadAll(bzip2.NewReader(bytes.NewReader(data[:n])))
		if err != nil {
			return nil, err
		}
		out, data = append(out, stream...), data[n:]
	}
	return out, nil
}
