package engine

import (
	"testing"
	"time"

	"slipway/release/pipeline"
)

// A day on which everything happened: each minute is accounted for, once.
func TestAccount(t *testing.T) {
	g := pipeline.Graph{Tasks: []pipeline.Task{
		{ID: "go", Stage: "go", Kind: pipeline.KindGate}, {ID: "build/a", Stage: "build"}, {ID: "build/b", Stage: "build"},
	}}
	start := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	var events []Event
	at := func(minute int, e Event) {
		e.At = start.Add(time.Duration(minute) * time.Minute)
		events = append(events, e)
	}
	run := func(what string) Event { return Event{Type: RunEvent, What: what} }
	task := func(id string, to pipeline.State, attempt int) Event {
		return Event{Type: TaskEvent, Task: id, To: to, Attempt: attempt}
	}
	at(0, run("began"))
	at(0, task("go", pipeline.Held, 0))
	at(0, run("ended"))
	at(10, Event{Type: ApprovalEvent, What: verbApprove, Task: "go", By: "ann"}) // 10 for people
	at(10, task("go", pipeline.Passed, 0))
	at(13, run("continued")) // 3 no engine
	at(13, task("build/a", pipeline.Running, 1))
	at(14, task("build/b", pipeline.Running, 1))
	failed := task("build/a", pipeline.Failed, 1)
	failed.Class, failed.Took = pipeline.Infra, 4*60_000
	at(17, failed)
	at(20, task("build/b", pipeline.Passed, 1)) // 7 working
	at(20, run("ended"))
	at(25, run("continued")) // 5 failed
	at(25, task("build/a", pipeline.Running, 2))
	at(45, run("continued")) // 20 no engine: it was killed
	at(45, run("recovered"))
	at(45, task("build/a", pipeline.Retrying, 2))
	at(45, Event{Type: CommandEvent, What: verbPause, By: "bob"})
	at(46, Event{Type: CommandEvent, What: verbResume, By: "bob"}) // 1 halted
	at(46, task("build/a", pipeline.Running, 3))
	at(48, task("build/a", pipeline.Passed, 3)) // 2 working
	at(48, run("ended"))
	at(900, Event{Type: CommandEvent, What: VerbHaltRollout, By: "bob"}) // no part of making it

	r := Account(g, events, start.Add(time.Hour*24))
	whole := time.Duration(0)
	for part, minutes := range map[Part]int{Working: 9, ForPeople: 10, Halted: 1, Broken: 5, Down: 23} {
		want(t, string(part), r.Spent[part], time.Duration(minutes)*time.Minute)
		whole += r.Spent[part]
	}
	want(t, "whole", whole, 48*time.Minute)
	want(t, "end", r.To.Sub(r.From), whole)
	want(t, "gates", len(r.Gates), 1)
	want(t, "waited", r.Gates[0].Waited, 10*time.Minute)
	want(t, "by", r.Gates[0].By[0], "ann")
	want(t, "stages", len(r.Stages), 1)
	s := r.Stages[0]
	want(t, "busy", s.Busy, 9*time.Minute)
	want(t, "passed", s.Passed, 2)
	want(t, "failures", s.Failures, 1)
	want(t, "failed attempts", len(r.Failures), 1)

	// A gate is reached when people are asked, and no longer when what it guards has
	// to be made again.
	waits := func(more ...Event) (gates []GateWait) {
		for i := range more {
			more[i].At = start.Add(time.Duration(20+i) * time.Minute)
		}
		return Account(g, append(events[:5:5], more...), start.Add(time.Hour)).Gates
	}
	blocked, held := task("go", pipeline.Blocked, 0), task("go", pipeline.Held, 0)
	want(t, "never reached", len(Account(g, []Event{blocked}, start).Gates), 0)
	want(t, "gone again", len(waits(blocked)), 0)
	again := waits(blocked, held)
	want(t, "asked again", len(again), 1)
	want(t, "waited in all", again[0].Waited, 10*time.Minute+39*time.Minute)
	want(t, "held", again[0].Opened.IsZero(), true)

	// Under way, it is told up to now.
	r = Account(g, events[:3], start.Add(7*time.Minute))
	want(t, "until now", r.Spent[ForPeople], 7*time.Minute)
	want(t, "not open", r.Gates[0].Opened.IsZero(), true)
	stopped := append(events[:3:3], Event{At: start.Add(5 * time.Minute), Type: CommandEvent, What: verbStop})
	r = Account(g, stopped, start.Add(time.Hour))
	want(t, "until it was stopped", r.To.Sub(r.From), 5*time.Minute)
}
