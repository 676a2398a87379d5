package engine

import (
	"slices"
	"time"

	"slipway/release/pipeline"
)

// Report is where a release's time went. Each moment from its first event to its
// last is in exactly one of Spent's parts.
type Report struct {
	From, To time.Time
	Spent    map[Part]time.Duration
	Gates    []GateWait  // those that are reached, in the order they first were
	Stages   []StageWork // in the order they began
	Failures []Event     // every attempt that failed
}

// Part is what a release was about at a moment.
type Part string

const (
	Working   Part = "working"            // a task ran
	ForPeople Part = "waiting for people" // nothing ran, and a gate was held
	Halted    Part = "paused or stopped"
	Broken    Part = "failed, unattended" // nothing ran, something had failed, and nobody tried it again
	Down      Part = "no engine"          // interrupted, or the machine was off
)

// Parts are all of them, in the order in which they are told.
var Parts = []Part{Working, ForPeople, Halted, Broken, Down}

// GateWait is one hand-off: how long work waited for people.
type GateWait struct {
	Gate    string
	Reached time.Time
	Opened  time.Time // zero: not yet
	Waited  time.Duration
	By      []string
}

// StageWork is what one stage's tasks came to.
type StageWork struct {
	Stage                   string
	Passed, Found, Failures int
	Busy                    time.Duration // at least one of its tasks ran
	Sum                     time.Duration // of all attempts
	running                 int
}

// Account makes the report of a release from its history. One that is under way
// is told up to now, one that was stopped up to then.
func Account(g pipeline.Graph, events []Event, now time.Time) Report {
	r := Report{Spent: map[Part]time.Duration{}}
	if len(events) == 0 {
		return r
	}
	r.From = events[0].At
	a := accountant{r: &r, tasks: map[string]pipeline.Task{}, state: map[string]pipeline.State{}, counts: map[pipeline.State]int{}, at: r.From}
	for _, t := range g.Tasks {
		a.tasks[t.ID] = t
	}
	for _, e := range events {
		a.pass(e.At, a.up && e.begins())
		a.event(e)
		if a.over {
			break // what comes later, such as a halt of its rollout, is no part of making it
		}
	}
	if !a.over && a.halt != verbStop {
		a.pass(now, false)
	}
	r.To = a.at
	// What a gate guards may have gone again since; then nobody is asked.
	r.Gates = slices.DeleteFunc(r.Gates, func(g GateWait) bool {
		return a.state[g.Gate] == pipeline.Waiting || a.state[g.Gate] == pipeline.Blocked
	})
	return r
}

// begins tells whether an engine takes the release up. One that does so though the
// last never said that it ended follows on one that was killed.
func (e Event) begins() bool {
	return e.Type == RunEvent && (e.What == "began" || e.What == "continued" || e.What == "replanned")
}

type accountant struct {
	r      *Report
	tasks  map[string]pipeline.Task
	at     time.Time
	state  map[string]pipeline.State
	counts map[pipeline.State]int
	up     bool   // an engine drives it
	halt   string // pause or stop
	over   bool
}

// pass accounts for the time until the next event.
func (a *accountant) pass(to time.Time, crashed bool) {
	d := max(0, to.Sub(a.at))
	a.at = a.at.Add(d)
	running := a.counts[pipeline.Running] > 0
	switch {
	case crashed:
		a.r.Spent[Down] += d
		return
	case running:
		a.r.Spent[Working] += d
	case a.halt != "":
		a.r.Spent[Halted] += d
	case a.counts[pipeline.Held] > 0:
		a.r.Spent[ForPeople] += d
	case a.counts[pipeline.Failed] > 0:
		a.r.Spent[Broken] += d
	case a.up:
		a.r.Spent[Working] += d
	default:
		a.r.Spent[Down] += d
	}
	for i := range a.r.Gates {
		if a.state[a.r.Gates[i].Gate] == pipeline.Held {
			a.r.Gates[i].Waited += d
		}
	}
	for i := range a.r.Stages {
		if a.r.Stages[i].running > 0 {
			a.r.Stages[i].Busy += d
		}
	}
}

func (a *accountant) event(e Event) {
	switch e.Type {
	case RunEvent:
		switch e.What {
		case "ended", "interrupted", "broke off":
			a.up = false
			a.over = a.counts[pipeline.Passed] == len(a.tasks)
		}
		a.up = a.up || e.begins()
	case CommandEvent:
		switch e.What {
		case verbPause, verbStop:
			a.halt = e.What
		case verbResume:
			a.halt = ""
		}
	case ApprovalEvent:
		if g := a.gate(e.Task, e.At); e.What == verbApprove && !slices.Contains(g.By, e.By) {
			g.By = append(g.By, e.By)
		}
	case TaskEvent:
		a.task(e)
	}
}

func (a *accountant) task(e Event) {
	was := a.state[e.Task]
	a.counts[was]--
	a.counts[e.To]++
	a.state[e.Task] = e.To
	t := a.tasks[e.Task]
	if t.Kind == pipeline.KindGate {
		switch e.To {
		case pipeline.Held:
			a.gate(e.Task, e.At).Opened = time.Time{}
		case pipeline.Passed:
			a.gate(e.Task, e.At).Opened = e.At
		}
		return
	}
	s := a.work(t.Stage)
	if e.To == pipeline.Running {
		s.running++
	} else if was == pipeline.Running {
		s.running--
	}
	s.Sum += time.Duration(e.Took) * time.Millisecond
	if e.To == pipeline.Passed {
		s.Passed++
		if e.Cached {
			s.Found++
		}
	}
	if e.Class != "" && (e.To == pipeline.Failed || e.To == pipeline.Retrying) {
		s.Failures++
		a.r.Failures = append(a.r.Failures, e)
	}
}

func (a *accountant) gate(id string, at time.Time) *GateWait {
	i := slices.IndexFunc(a.r.Gates, func(g GateWait) bool { return g.Gate == id })
	if i < 0 {
		i = len(a.r.Gates)
		a.r.Gates = append(a.r.Gates, GateWait{Gate: id, Reached: at})
	}
	return &a.r.Gates[i]
}

func (a *accountant) work(stage string) *StageWork {
	i := slices.IndexFunc(a.r.Stages, func(s StageWork) bool { return s.Stage == stage })
	if i < 0 {
		i = len(a.r.Stages)
		a.r.Stages = append(a.r.Stages, StageWork{Stage: stage})
	}
	return &a.r.Stages[i]
}
