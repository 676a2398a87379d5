//go:build unix

package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"slipway/release/engine/killtest"
	"slipway/release/pipeline"
)

// This test binary, started with these variables, is the program to be killed:
// it runs the kill test's graph, of so many locales, with a state directory.
const (
	victimEnv = "SLIPWAY_TEST_VICTIM"
	sizeEnv   = "SLIPWAY_TEST_VICTIM_LOCALES"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimEnv); dir != "" {
		locales, err := strconv.Atoi(os.Getenv(sizeEnv))
		if err == nil {
			err = victim(dir, locales)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func victim(dir string, locales int) error {
	j, err := Open(dir)
	if err != nil {
		return err
	}
	defer j.Close()
	e := &Engine{Journal: j, Kinds: victimKinds(dir), Pools: map[string]int{"": 4}, Now: time.Now}
	out, err := e.Run(context.Background(), testSpec(victimGraph(locales)))
	if err == nil && out.Standing != pipeline.Done {
		err = errors.New(out.String())
	}
	return err
}

// victimKinds leave traces outside the journal: each execution appends a line,
// and a deed that must happen once fails when it is done twice.
func victimKinds(dir string) pipeline.Registry {
	trace := func(c pipeline.Call) error {
		f, err := os.OpenFile(filepath.Join(dir, "executions"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = fmt.Fprintf(f, "%s %d\n", c.Task.ID, c.Attempt)
		return err
	}
	facts := func(c pipeline.Call) (pipeline.Result[string], error) {
		seen := c.Task.ID
		for i := range c.Needs {
			n, err := pipeline.Need[string](c, i)
			if err != nil {
				return n, err
			}
			seen += n.Facts
		}
		return pipeline.Result[string]{Facts: hashOf([]byte(seen))}, nil
	}
	deed := func(c pipeline.Call) string {
		return filepath.Join(dir, "deeds", strings.ReplaceAll(c.Task.ID, "/", "-"))
	}
	return pipeline.Registry{
		"work": pipeline.Typed("work", 1, func(_ context.Context, c pipeline.Call, _ workArgs) (pipeline.Result[string], error) {
			if err := trace(c); err != nil {
				return pipeline.Result[string]{}, err
			}
			fmt.Fprintln(c.Log, "working")
			return facts(c)
		}, nil),
		"deed": pipeline.Typed("deed", 1, func(_ context.Context, c pipeline.Call, _ workArgs) (pipeline.Result[string], error) {
			if err := os.MkdirAll(filepath.Dir(deed(c)), 0o700); err != nil {
				return pipeline.Result[string]{}, err
			}
			f, err := os.OpenFile(deed(c), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if err != nil {
				return pipeline.Result[string]{}, err
			}
			f.Close()
			return facts(c)
		}, func(_ context.Context, c pipeline.Call, _ workArgs) (pipeline.Result[string], bool, error) {
			if _, err := os.Stat(deed(c)); err != nil {
				return pipeline.Result[string]{}, false, nil
			}
			res, err := facts(c)
			return res, true, err
		}),
	}
}

// victimGraph is a small release: wide in the middle, joined at the end.
func victimGraph(locales int) pipeline.Graph {
	var g pipeline.Graph
	add := func(id, kind string, effect pipeline.Effect, needs ...string) {
		args, err := json.Marshal(workArgs{Salt: id})
		if err != nil {
			panic(err)
		}
		g.Tasks = append(g.Tasks, pipeline.Task{ID: id, Kind: kind, Effect: effect, Needs: needs, Args: args, Try: pipeline.TryPolicy{Attempts: 1}})
	}
	add("tag", "deed", pipeline.Once)
	var published []string
	for _, platform := range []string{"linux64", "win64", "mac"} {
		add("build/"+platform, "work", pipeline.Pure, "tag")
		for l := range locales {
			at := fmt.Sprintf("%s/l%d", platform, l)
			add("repack/"+at, "work", pipeline.Pure, "build/"+platform)
			add("sign/"+at, "work", pipeline.Idempotent, "repack/"+at)
			add("publish/"+at, "deed", pipeline.Once, "sign/"+at)
			published = append(published, "publish/"+at)
		}
	}
	add("mail", "deed", pipeline.Once, published...)
	return g
}

// Kills are 20 here; SLIPWAY_KILLS=200 is the release criterion. A release that
// got through before all kills were used up is followed by another.
func TestKilledAtAnyInstantItRepeatsNothingFinished(t *testing.T) {
	kills := 20
	if s := os.Getenv("SLIPWAY_KILLS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		kills = n
	}
	const locales = 60 // on three platforms, three tasks each
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	life := func(dir string) *exec.Cmd {
		cmd := exec.Command(exe)
		cmd.Env = append(os.Environ(), victimEnv+"="+dir, fmt.Sprintf("%s=%d", sizeEnv, locales))
		return cmd
	}
	calm := t.TempDir()
	began := time.Now()
	if out, err := life(calm).CombinedOutput(); err != nil {
		t.Fatalf("unkilled: %v\n%s", err, out)
	}
	plan := killtest.Plan{Longest: time.Since(began) / 3, Rand: rand.New(rand.NewPCG(uint64(began.UnixNano()), 0))}
	for round := 1; kills > 0; round++ {
		dir := t.TempDir()
		plan.Kills = kills
		hits, err := plan.Run(func() *exec.Cmd { return life(dir) })
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("round %d: %d kills hit", round, hits)
		kills -= hits
		checkKilled(t, dir, victimGraph(locales))
		want(t, "final bytes", finalOut(t, dir), finalOut(t, calm))
	}
}

// checkKilled holds what the journal says, and what tasks left outside, to the
// promise: each task passed once, and none began again after that.
func checkKilled(t *testing.T, dir string, g pipeline.Graph) {
	t.Helper()
	j, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	verifyChain(t, j)
	events, err := j.History(t.Context(), testRun, 0)
	if err != nil {
		t.Fatal(err)
	}
	passed, begun := map[string]int{}, map[string]int{}
	for _, e := range events {
		switch e.To {
		case pipeline.Passed:
			passed[e.Task]++
		case pipeline.Running:
			begun[e.Task]++
			if passed[e.Task] > 0 {
				t.Errorf("%s began again after it had passed", e.Task)
			}
		case pipeline.Failed:
			t.Errorf("%s failed: %s", e.Task, e.Text)
		}
	}
	for _, task := range g.Tasks {
		want(t, task.ID+" passed", passed[task.ID], 1)
	}
	trace, err := os.ReadFile(filepath.Join(dir, "executions"))
	if err != nil {
		t.Fatal(err)
	}
	executed := map[string]int{}
	for line := range strings.Lines(string(trace)) {
		executed[strings.Fields(line)[0]]++
	}
	for id, n := range executed {
		if n > begun[id] {
			t.Errorf("%s ran %d times, but its intent was journalled %d times", id, n, begun[id])
		}
	}
}

func finalOut(t *testing.T, dir string) string {
	t.Helper()
	j, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	events, err := j.History(t.Context(), testRun, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Task == "mail" && e.To == pipeline.Passed {
			return e.Out
		}
	}
	return "never passed"
}
