package engine

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"slipway/release/pipeline"
)

// releaseGraph has the shape and size of a real release: Firefox 92.0.1 was
// 6 platforms, 98 locales, 4 prior versions and 527 partner builds in 9,483
// tasks (release-process.md §4.1).
func releaseGraph() pipeline.Graph {
	g := pipeline.Graph{}
	add := func(needs []string, format string, args ...any) string {
		id := fmt.Sprintf(format, args...)
		stage, _, _ := strings.Cut(id, "/")
		salt, err := json.Marshal(workArgs{Salt: id})
		if err != nil {
			panic(err)
		}
		g.Tasks = append(g.Tasks, pipeline.Task{ID: id, Title: id, Stage: stage, Kind: "work", Effect: pipeline.Pure, Needs: needs, Args: salt})
		return id
	}
	tag := add(nil, "tag")
	var all []string
	for i := range 90 {
		all = append(all, add([]string{tag}, "toolchain/t%d", i))
	}
	tools := add(all, "toolchains")
	var updates []string
	for p := range 6 {
		platform := fmt.Sprintf("p%d", p)
		build := add([]string{tag, tools}, "build/%s", platform)
		for i := range 207 {
			add([]string{build}, "test/%s/%d", platform, i)
		}
		for l := range 98 {
			at := fmt.Sprintf("%s/l%d", platform, l)
			repack := add([]string{build}, "repack/%s", at)
			signed := add([]string{repack}, "sign/%s", at)
			complete := add([]string{signed}, "complete/%s", at)
			mar := add([]string{complete}, "sign-mar/%s", at)
			partial := add([]string{mar}, "partial/%s", at)
			partialSigned := add([]string{partial}, "sign-partial/%s", at)
			moved := add([]string{signed, mar, partialSigned}, "stage/%s", at)
			sums := add([]string{moved}, "checksums/%s", at)
			updates = append(updates, add([]string{sums}, "snippet/%s", at))
		}
	}
	for i := range 527 {
		repack := add([]string{fmt.Sprintf("build/p%d", i%6)}, "partner/%d", i)
		signed := add([]string{repack}, "partner-sign/%d", i)
		add([]string{signed}, "partner-stage/%d", i)
	}
	for i := range 1176 {
		add([]string{fmt.Sprintf("build/p%d", i%6)}, "eme-free/%d", i)
	}
	for i := range 110 {
		add(updates[i*5:i*5+5], "verify/%d", i)
	}
	sums := add(updates, "sums")
	add([]string{sums}, "publish")
	return g
}

// The whole of a real release's graph with tasks that do nothing: what is left
// is the engine's own cost, each step on disk. With as many slots as processors
// nearly every task waits for an fsync of its own; with more they share them.
// Peak memory is the process's.
func BenchmarkRealRelease(b *testing.B) {
	g := releaseGraph()
	for _, slots := range []int{runtime.NumCPU(), 16, 64} {
		b.Run(fmt.Sprintf("slots=%d", slots), func(b *testing.B) {
			for b.Loop() {
				j := testJournal(b)
				e := &Engine{Journal: j, Kinds: (&world{}).kinds(), Pools: map[string]int{"": slots}, Now: time.Now}
				out, err := e.Run(b.Context(), testSpec(g))
				if err != nil || out.Standing != pipeline.Done {
					b.Fatal(out, err)
				}
			}
			b.ReportMetric(float64(len(g.Tasks)), "tasks")
			b.ReportMetric(peakMB(b), "peak-MB")
		})
	}
}

// A second look at a finished release of that size, and one event's refresh.
func BenchmarkView(b *testing.B) {
	g := releaseGraph()
	j := testJournal(b)
	e := &Engine{Journal: j, Kinds: (&world{}).kinds(), Pools: map[string]int{"": 64}, Now: time.Now}
	if _, err := e.Run(b.Context(), testSpec(g)); err != nil {
		b.Fatal(err)
	}
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			snapshot(b, j)
		}
	})
	b.Run("refresh-idle", func(b *testing.B) {
		v, err := j.View(b.Context(), testRun)
		if err != nil {
			b.Fatal(err)
		}
		now := time.Now()
		for b.Loop() {
			if _, err := v.Refresh(b.Context(), now); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// peakMB is the process's peak resident size, VmHWM of proc(5).
func peakMB(b *testing.B) float64 {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip(err)
	}
	for line := range strings.Lines(string(data)) {
		var kb float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kb); n == 1 {
			return kb / 1024
		}
	}
	return 0
}
