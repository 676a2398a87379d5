//go:build unix

package peers

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
)

// usage is what a process cost.
type usage struct {
	cpu float64 // seconds, user and system
	rss float64 // peak, bytes
}

// measure runs a command to its end. This process stays small all the time:
// Linux counts the parent's memory for its children, too.
func measure(cmd *exec.Cmd) (usage, error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return usage{}, fmt.Errorf("%s: %w: %.300s", filepath.Base(cmd.Path), err, stderr.String())
	}
	state := cmd.ProcessState
	return usage{
		cpu: (state.UserTime() + state.SystemTime()).Seconds(),
		rss: float64(state.SysUsage().(*syscall.Rusage).Maxrss) * 1024, // kilobytes on Linux
	}, nil
}

// measured is the program of that directory, built for this run.
var measured string

func buildMeasured(b *testing.B) {
	measured = filepath.Join(b.TempDir(), "measured")
	if err := run(".", "go", "build", "-o", measured, "slipway/updates/peers/measured"); err != nil {
		b.Fatal(err)
	}
}

// role is that program with one of its verbs.
func role(verb string, args ...string) *exec.Cmd {
	return exec.Command(measured, append([]string{verb}, args...)...)
}

// xzSize returns the size of a file after xz with an LZMA2 chain.
func xzSize(file, chain string) (float64, error) {
	out, err := os.Create(file + ".xz")
	if err != nil {
		return 0, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	cmd := exec.Command("xz", "-T1", "--check=crc64", "--lzma2="+chain, "-kc", file)
	cmd.Stdout = out
	if _, err := measure(cmd); err != nil {
		return 0, err
	}
	info, err := out.Stat()
	if err != nil {
		return 0, err
	}
	return float64(info.Size()), nil
}

// mozilla is what Firefox's release automation really compresses with.
const mozilla = "preset=6"

// shipped returns the size of a patch as our packages have it.
func shipped(patch, bcj string) (float64, error) {
	if _, err := measure(role("pack", patch, patch+".packed", bcj)); err != nil {
		return 0, err
	}
	defer os.Remove(patch + ".packed")
	return asItIs(patch + ".packed")
}

// peer is a way to make a patch of old and new. Its size is that after xz,
// or as it comes where xz gains nothing.
type peer struct {
	name string
	diff func(old, new, patch string) *exec.Cmd
	size func(patch string) (float64, error)
}

func reserialized(patch string) (float64, error) {
	if _, err := measure(role("reserialize", patch, patch+".mbdiff")); err != nil {
		return 0, err
	}
	defer os.Remove(patch + ".mbdiff")
	return xzSize(patch+".mbdiff", mozilla)
}

func asItIs(patch string) (float64, error) {
	info, err := os.Stat(patch)
	if err != nil {
		return 0, err
	}
	return float64(info.Size()), nil
}

var peers = []peer{
	{
		"bsdiff", func(old, new, patch string) *exec.Cmd { return exec.Command("bsdiff", old, new, patch) },
		reserialized,
	},
	{
		"go-bsdiff", func(old, new, patch string) *exec.Cmd { return role("go-bsdiff", old, new, patch) },
		reserialized,
	},
	{
		// HDiffPatch from version 4.5; no registry has it, so it is built by hand.
		"hdiffz", func(old, new, patch string) *exec.Cmd {
			return exec.Command("hdiffz", "-BSD", "-p-1", "-f", old, new, patch)
		},
		reserialized,
	},
	{
		"zstd", func(old, new, patch string) *exec.Cmd {
			return exec.Command("zstd", "-q", "-f", "-3", "--long=31", "--patch-from="+old, new, "-o", patch)
		},
		asItIs,
	},
	{
		"xdelta3", func(old, new, patch string) *exec.Cmd {
			return exec.Command("xdelta3", "-q", "-f", "-e", "-9", "-S", "none", "-B", "536870912", "-s", old, new, patch)
		},
		func(patch string) (float64, error) { return xzSize(patch, mozilla) },
	},
}

// row is one line of the table.
type row struct {
	usage
	size float64
}

// ours measures our differ three times and keeps the median CPU.
func ours(old, new, patch, bcj string) (r row, packed float64, err error) {
	var runs []usage
	for range 3 {
		u, err := measure(role("ours", old, new, patch))
		if err != nil {
			return row{}, 0, err
		}
		runs = append(runs, u)
	}
	slices.SortFunc(runs, func(a, b usage) int { return int(math.Copysign(1, a.cpu-b.cpu)) })
	r.usage = runs[1]
	if _, err = measure(role("check", old, new, patch)); err != nil {
		return row{}, 0, err
	}
	if r.size, err = xzSize(patch, mozilla); err != nil {
		return row{}, 0, err
	}
	packed, err = shipped(patch, bcj)
	return r, packed, err
}

// ratios gathers, for the pairs of one kind, how we stand against bsdiff 4.3.
type ratios struct{ cpu, size, shipped, memory []float64 }

func geomean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += math.Log(x)
	}
	return math.Exp(sum / float64(len(v)))
}

func BenchmarkPeers(b *testing.B) {
	if b.N > 1 {
		return // one run is long enough
	}
	cache := cacheDir(b)
	buildMeasured(b)
	fmt.Print("\nsizes after xz --lzma2=preset=6 (bsdiff, go-bsdiff: as MBDIFF10); zstd as it comes; as shipped: ours by our own xz; memory per byte of old\n")
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "pair\t\tMB\tdiffer\tCPU s\tmemory\tbytes\tours: CPU\tsize\tas shipped\t")
	totals := map[bool]*ratios{true: {}, false: {}}
	for _, p := range chosen(b) {
		old, new, err := p.fetch(cache)
		if err != nil {
			fmt.Fprintf(w, "%s\tabsent: %v\n", p.name, err)
			continue
		}
		if err := compare(w, p, old, new, b.TempDir(), totals[p.tuned]); err != nil {
			b.Errorf("%s: %v", p.name, err)
		}
		w.Flush()
	}
	for _, tuned := range []bool{true, false} {
		if t := totals[tuned]; len(t.cpu) > 0 {
			fmt.Printf("%s, %d pairs against bsdiff 4.3: CPU 1/%.1f geomean, 1/%.1f worst; size %.3f geomean, %.3f worst; as we ship it %.3f geomean; our memory %.2f worst\n",
				kind(tuned), len(t.cpu), geomean(t.cpu), slices.Min(t.cpu), geomean(t.size), slices.Max(t.size), geomean(t.shipped), slices.Max(t.memory))
		}
	}
}

func kind(tuned bool) string {
	if tuned {
		return "tuned on"
	}
	return "held out"
}

// compare prints the lines of one pair.
func compare(w *tabwriter.Writer, p pair, old, new, dir string, total *ratios) error {
	size, err := asItIs(old)
	if err != nil {
		return err
	}
	line := func(name string, r row, rest string) {
		fmt.Fprintf(w, "%s\t%s\t%.1f\t%s\t%.2f\t%.1f\t%.0f\t%s\t\n", p.name, kind(p.tuned), size/1e6, name, r.cpu, r.rss/size, r.size, rest)
	}
	patch := filepath.Join(dir, "patch")
	us, packed, err := ours(old, new, patch, p.bcj())
	if err != nil {
		return err
	}
	line("ours", us, fmt.Sprintf("\t\t%.0f", packed))
	wanted := os.Getenv("SLIPWAY_BENCH_PEERS")
	for _, other := range peers {
		if wanted != "" && !slices.Contains(strings.Split(wanted, ","), other.name) {
			continue
		}
		cmd := other.diff(old, new, patch)
		if cmd.Err != nil {
			fmt.Fprintf(w, "%s\t%s\t\t%s absent: %v\n", p.name, kind(p.tuned), other.name, cmd.Err)
			continue
		}
		var r row
		if r.usage, err = measure(cmd); err != nil {
			return err
		}
		if r.size, err = other.size(patch); err != nil {
			return err
		}
		line(other.name, r, fmt.Sprintf("1/%.1f\t%.3f\t%.3f", r.cpu/us.cpu, us.size/r.size, packed/r.size))
		if other.name == "bsdiff" {
			total.cpu = append(total.cpu, r.cpu/us.cpu)
			total.size = append(total.size, us.size/r.size)
			total.shipped = append(total.shipped, packed/r.size)
			total.memory = append(total.memory, us.rss/size)
		}
	}
	return nil
}
