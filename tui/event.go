package tui

import (
	"cmp"
	"fmt"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// actor is who did it; what nobody asked for the engine did.
func actor(e engine.Event) string { return cmp.Or(e.By, "engine") }

// eventLine says an event in words.
func eventLine(e engine.Event) string {
	switch e.Type {
	case engine.TaskEvent:
		s := fmt.Sprintf("%s %s", e.Task, markOf(e.To).word)
		if e.Cached {
			s += " (found by key)"
		}
		if e.Cause != "" {
			s += ": " + e.Cause
		}
		return s
	case engine.ApprovalEvent:
		return fmt.Sprintf("%s %s as %s: %s", e.What, e.Task, e.Role, e.Text)
	}
	s := e.What
	if e.Type == engine.RunEvent {
		s = runWord(e)
	}
	if e.Task != "" {
		s += " " + e.Task
	}
	if e.Text != "" {
		s += ": " + e.Text
	}
	return s
}

// runWord says what an engine did to the run, and how it left it.
func runWord(e engine.Event) string {
	switch e.What {
	case "began":
		return "the release began"
	case "continued":
		return "the engine goes on"
	case "recovered":
		return "the engine recovered"
	case "ended":
		return "the engine left: " + map[pipeline.Standing]string{
			pipeline.Done: "all is done", pipeline.AtGate: "a gate waits for people", pipeline.Broken: "tasks failed",
			pipeline.Pausing: "paused", pipeline.Stopped: "stopped", pipeline.Moving: "the rest waits for another",
		}[e.Standing]
	}
	return "the engine " + e.What
}

// newest are the latest events that are news, the latest first.
func newest(events []engine.Event, most int) []engine.Event {
	var out []engine.Event
	for i := len(events) - 1; i >= 0 && len(out) < most; i-- {
		if isNews(events[i]) {
			out = append(out, events[i])
		}
	}
	return out
}

// isNews: that a task began is none, nor that it waits for another; what
// became of it is.
func isNews(e engine.Event) bool {
	return e.To != pipeline.Running && e.To != pipeline.Waiting && e.To != pipeline.Blocked
}
