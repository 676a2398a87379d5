package main

import (
	"context"
	"fmt"
	"time"

	"slipway/release"
	"slipway/release/engine"
	"slipway/release/pipeline"
	"slipway/release/text"
)

// tellNotes says what people should know of the tasks that passed since, once each:
// the same link is left out of the MARs of all locales. Who goes from gate to gate
// was told before.
func (a *app) tellNotes(ctx context.Context, j *engine.Journal, run string, since time.Time) error {
	s, err := j.Look(ctx, run, time.Now())
	if err != nil {
		return err
	}
	var notes []string // in the order of the graph
	tasks := map[string][]string{}
	for _, t := range s.Tasks {
		if t.State != pipeline.Passed || t.Ended.Before(since) || !release.Noted(t.Kind) {
			continue
		}
		raw, _, err := j.Result(ctx, t.Key)
		if err != nil {
			return err
		}
		said, err := release.Notes(t.Kind, raw.Facts)
		if err != nil {
			return err
		}
		for _, n := range said {
			if tasks[n] == nil {
				notes = append(notes, n)
			}
			tasks[n] = append(tasks[n], t.ID)
		}
	}
	for _, n := range notes {
		fmt.Fprintf(a.stderr, "note: %s: %s\n", text.Sanitize(n), few(tasks[n], 2))
	}
	return nil
}
