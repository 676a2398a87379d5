package main

import (
	"context"
	"slices"

	"slipway/release/engine"
	"slipway/release/pipeline"
	"slipway/tui"
)

// maxInputs bounds the files listed of what a task read; a gate reads all of
// a release.
const maxInputs = 50

// Task gathers what one task read, made and tried.
func (s *consoleSource) Task(ctx context.Context, run string, t engine.TaskView) (tui.TaskFacts, error) {
	snap, err := s.Snapshot(ctx, run)
	if err != nil {
		return tui.TaskFacts{}, err
	}
	keys := make(map[string]string, len(t.Needs))
	for _, need := range t.Needs {
		keys[need] = ""
	}
	for _, other := range snap.Tasks {
		if _, ok := keys[other.ID]; ok {
			keys[other.ID] = other.Key
		}
	}
	var f tui.TaskFacts
	for _, need := range t.Needs {
		if len(f.Inputs) >= maxInputs {
			break
		}
		files, err := s.filesOf(ctx, keys[need])
		if err != nil {
			return f, err
		}
		f.Inputs = append(f.Inputs, files...)
	}
	if t.State == pipeline.Passed {
		if f.Outputs, err = s.filesOf(ctx, t.Key); err != nil {
			return f, err
		}
	}
	events, err := s.j.History(ctx, run, 0)
	f.Attempts = attemptsOf(events, t.ID)
	return f, err
}

func (s *consoleSource) filesOf(ctx context.Context, key string) ([]tui.FileFacts, error) {
	if key == "" {
		return nil, nil
	}
	raw, _, err := s.j.Result(ctx, key)
	files := make([]tui.FileFacts, len(raw.Files))
	for i, file := range raw.Files {
		files[i] = tui.FileFacts{Name: file.Name, Size: file.Size, Digest: string(file.Digest)}
	}
	return files, err
}

// attemptsOf reads a task's tries from its events, the latest first. Numbers
// begin anew after a retry, so the time tells tries apart.
func attemptsOf(events []engine.Event, task string) []tui.AttemptFacts {
	var tries []tui.AttemptFacts
	for _, e := range events {
		if e.Type != engine.TaskEvent || e.Task != task {
			continue
		}
		switch {
		case e.To == pipeline.Running:
			tries = append(tries, tui.AttemptFacts{Number: e.Attempt, Began: e.At, State: e.To})
		case e.From == pipeline.Running && len(tries) > 0:
			last := &tries[len(tries)-1]
			last.State, last.Took, last.Cause = e.To, e.At.Sub(last.Began), e.Cause
		}
	}
	slices.Reverse(tries)
	return tries
}
