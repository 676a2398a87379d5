package engine

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"slipway/release/pipeline"
)

// An engine in another container has a process number that means nothing here.
func TestAnEngineElsewhereIsAlive(t *testing.T) {
	j, w := testJournal(t), &world{}
	started := make(chan bool, 1)
	w.do = func(context.Context, pipeline.Call) error {
		started <- true
		return nil
	}
	e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
	spec := testSpec(testGraph("a", "gate: a"))
	spec.Wait = true
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func(spec RunSpec) {
		_, err := e.Run(ctx, spec)
		ended <- err
	}(spec)
	<-started
	until(t, j, func(s *Snapshot) bool { return s.Counts.Held == 1 })
	elsewhere := func() {
		if _, err := j.db.Exec(`UPDATE locks SET host = 'elsewhere', pid = 1 << 30`); err != nil {
			t.Fatal(err)
		}
	}
	elsewhere()
	spec.Wait = false
	want(t, "alive", snapshot(t, j).Run.Lock.Engine, true)
	var held *HeldError
	if _, err := e.Run(t.Context(), spec); !errors.As(err, &held) || !strings.Contains(err.Error(), testRun+" already runs: engine process 1073741824 on elsewhere") {
		t.Errorf("a second engine: got %v", err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	elsewhere() // as if it had been killed: nothing was noted
	want(t, "alive after its end", snapshot(t, j).Run.Lock.Engine, false)
	if _, err := e.Run(t.Context(), spec); err != nil {
		t.Errorf("after its end: %v", err)
	}
}
