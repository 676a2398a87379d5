package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// held is a journal and how a release comes to wait in it.
func held(t *testing.T) (*engine.Journal, func()) {
	t.Helper()
	j, err := engine.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	args, err := json.Marshal(pipeline.Gate{Name: "push", Roles: map[string]int{"qa": 1}})
	if err != nil {
		t.Fatal(err)
	}
	spec := engine.RunSpec{
		Product: "skiff", Version: "1.0", Build: 1, Channel: "release", PlanDigest: "sha256:plan", Plan: []byte("{}"),
		Graph: pipeline.Graph{Tasks: []pipeline.Task{{ID: "push", Kind: pipeline.KindGate, Effect: pipeline.Pure, Try: pipeline.TryPolicy{Attempts: 1}, Args: args}}},
	}
	return j, func() {
		e := &engine.Engine{Journal: j, Now: time.Now}
		if _, err := e.Run(t.Context(), spec); err != nil {
			t.Fatal(err)
		}
	}
}

// A journal that could not be read once is read the next time, and nothing of it
// is left out.
func TestTailReadsAgain(t *testing.T) {
	j, run := held(t)
	run()
	var b bytes.Buffer
	follow := &tail{j: j, id: "skiff-1.0-build1", printer: &jsonl{w: &b}}
	broken, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := follow.tell(broken); err == nil {
		t.Fatal("it was read")
	}
	if _, err := follow.tell(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(b.String(), `{"v":1,"release":"skiff-1.0-build1","seq":1,`) {
		t.Errorf("got %s", b.String())
	}
}

// Whatever ends a run after it began, its last events and the summary are printed.
func TestTailTellsTheEnd(t *testing.T) {
	j, run := held(t)
	boom := errors.New("the disk is full")
	for _, c := range []struct {
		name  string
		cause error
		runs  bool
		told  bool
	}{
		{"refused before there was one", boom, false, false},
		{"broken off", boom, true, true},
		{"refused", boom, false, false},
		{"done already", nil, false, true},
	} {
		var b bytes.Buffer
		follow, err := startTail(t.Context(), j, "skiff-1.0-build1", &jsonl{w: &b})
		if err != nil {
			t.Fatal(err)
		}
		if c.runs {
			run()
		}
		if err := follow.stop(c.cause); err != nil {
			t.Error(err)
		}
		if told := strings.Contains(b.String(), `"type":"summary"`); told != c.told || c.runs && !strings.Contains(b.String(), `"what":"ended"`) {
			t.Errorf("%s: told %t:\n%s", c.name, told, b.String())
		}
	}
	follow, err := startTail(t.Context(), j, "skiff-1.0-build1", silent{})
	if err != nil {
		t.Fatal(err)
	}
	j.Close()
	if err := follow.stop(boom); err == nil || !strings.Contains(err.Error(), "slipway history skiff-1.0-build1 has it") {
		t.Errorf("a journal that is gone: %v", err)
	}
}
