package main

import (
	"encoding/json"
	"io"
	"time"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// jsonl prints one object per event, numbered without gaps as in the journal,
// and a summary last.
type jsonl struct {
	w io.Writer
}

type eventLine struct {
	V       int    `json:"v"`
	Release string `json:"release"`
	engine.Event
}

type summaryLine struct {
	V       int               `json:"v"`
	Seq     int64             `json:"seq"`
	At      time.Time         `json:"t"`
	Type    string            `json:"type"`
	Release string            `json:"release"`
	State   pipeline.Standing `json:"state"`
	Done    int               `json:"done"`
	Total   int               `json:"total"`
	Failed  int               `json:"failed"`
	Counts  pipeline.Counts   `json:"counts"`
	Causes  []pipeline.Cause  `json:"causes,omitempty"`
	Why     string            `json:"why,omitempty"`
}

func (p *jsonl) show(s *engine.Snapshot, fresh []engine.Event) error {
	enc := json.NewEncoder(p.w)
	for _, e := range fresh {
		if err := enc.Encode(eventLine{V: 1, Release: s.Run.ID, Event: e}); err != nil {
			return err
		}
	}
	return nil
}

func (p *jsonl) end(s *engine.Snapshot) error {
	return json.NewEncoder(p.w).Encode(summaryLine{
		V: 1, Seq: s.Run.Seq + 1, At: s.At.UTC().Truncate(time.Millisecond), Type: "summary", Release: s.Run.ID,
		State: s.Run.Standing, Done: s.Counts.Passed, Total: s.Counts.Total(), Failed: s.Counts.Failed,
		Counts: s.Counts, Causes: s.Causes, Why: s.Why,
	})
}
