package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"slipway/release/pipeline"
)

// world is what tasks of tests act upon: it counts what ran and does what the
// test says.
type world struct {
	mu   sync.Mutex
	runs map[string]int
	// do, when set, is what a task does; it may block on ctx.
	do func(ctx context.Context, c pipeline.Call) error
}

func (w *world) count(id string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.runs[id]
}

type workArgs struct {
	Salt string `json:"salt,omitempty"`
}

func (w *world) kinds() pipeline.Registry {
	work := func(ctx context.Context, c pipeline.Call, a workArgs) (pipeline.Result[string], error) {
		w.mu.Lock()
		if w.runs == nil {
			w.runs = map[string]int{}
		}
		w.runs[c.Task.ID]++
		do := w.do
		w.mu.Unlock()
		if do != nil {
			if err := do(ctx, c); err != nil {
				return pipeline.Result[string]{}, err
			}
		}
		seen := c.Task.ID + a.Salt
		for i := range c.Needs {
			n, err := pipeline.Need[string](c, i)
			if err != nil {
				return n, err
			}
			seen += "<" + n.Facts + ">"
		}
		return pipeline.Result[string]{Facts: fmt.Sprintf("%x", hashOf([]byte(seen)))[:16]}, nil
	}
	return pipeline.Registry{"work": pipeline.Typed("work", 1, work, nil)}
}

// graph makes tasks from lines such as "b: a" (b needs a); gates are named so.
func testGraph(lines ...string) pipeline.Graph {
	var g pipeline.Graph
	for _, line := range lines {
		id, needs, _ := strings.Cut(line, ":")
		t := pipeline.Task{
			ID: id, Title: id, Kind: "work", Effect: pipeline.Pure, Needs: strings.Fields(needs),
			Try: pipeline.TryPolicy{Attempts: 3, Backoff: time.Millisecond},
		}
		// Without the name in the arguments all tasks would share one key.
		t.Args, _ = json.Marshal(workArgs{Salt: id})
		if strings.HasPrefix(id, "gate") {
			t.Kind = pipeline.KindGate
			t.Args, _ = json.Marshal(pipeline.Gate{Name: id, Question: "well?", Plan: "sha256:plan", Roles: map[string]int{"relman": 1, "qa": 1}})
		}
		g.Tasks = append(g.Tasks, t)
	}
	return g
}

func testJournal(t testing.TB) *Journal {
	t.Helper()
	j, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func testSpec(g pipeline.Graph) RunSpec {
	return RunSpec{Product: "skiff", Version: "1.2", Build: 1, Channel: "release", By: "ann", Graph: g, PlanDigest: "sha256:plan", Plan: []byte(`{}`)}
}

const testRun = "skiff-1.2-build1"

func snapshot(t testing.TB, j *Journal) *Snapshot {
	t.Helper()
	v, err := j.View(t.Context(), testRun)
	if err != nil {
		t.Fatal(err)
	}
	s, err := v.Refresh(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *Snapshot) states() string {
	var parts []string
	for _, t := range s.Tasks {
		parts = append(parts, t.ID+"="+string(t.State))
	}
	return strings.Join(parts, " ")
}

func want[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}

func verifyChain(t testing.TB, j *Journal) int64 {
	t.Helper()
	n, err := j.VerifyChain(t.Context(), testRun)
	if err != nil {
		t.Error(err)
	}
	return n
}
