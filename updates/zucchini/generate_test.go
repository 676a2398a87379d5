package zucchini

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestPairs compares patches of large pairs, named by ZUC_PAIRS.
func TestPairs(t *testing.T) {
	for _, name := range strings.Fields(os.Getenv("ZUC_PAIRS")) {
		old, _ := os.ReadFile(name + ".old")
		new, _ := os.ReadFile(name + ".new")
		for _, o := range []Options{{Raw: true}, {}} {
			start := time.Now()
			patch, err := Diff(old, new, o)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			took := time.Since(start)
			info, _ := Inspect(patch)
			var sum ElementInfo
			for _, e := range info.Elements {
				sum.Type = e.Type
				sum.Equivalences += e.Equivalences
				sum.ExtraBytes += e.ExtraBytes
				sum.RawCorrections += e.RawCorrections
				sum.ReferenceBytes += e.ReferenceBytes
				sum.ExtraTargetBytes += e.ExtraTargetBytes
			}
			preset := os.Getenv("ZUC_XZ")
			if preset == "" {
				preset = "-6"
			}
			cmd := exec.Command("xz", preset, "-c")
			cmd.Stdin = bytes.NewReader(patch)
			out, _ := cmd.Output()
			t.Logf("%-10s %s %8.3fs %8d xz %8d  eq %d extra %d raw %d ref %d targets %d", name[strings.LastIndex(name, "/")+1:], info.Elements[0].Type, took.Seconds(), len(patch), len(out),
				sum.Equivalences, sum.ExtraBytes, sum.RawCorrections, sum.ReferenceBytes, sum.ExtraTargetBytes)
		}
	}
}
