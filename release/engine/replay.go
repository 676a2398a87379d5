package engine

import (
	"encoding/json"
	"time"

	"slipway/release/pipeline"
)

// Then is the run as it stood after the event with a sequence number: what a
// screen showed at that moment, folded from the run's history. Events are all
// of the run, oldest first; tasks that the graph has lost since are left out,
// and so are forecasts, which nobody wrote down.
func (s *Snapshot) Then(events []Event, seq int64) *Snapshot {
	then := &Snapshot{Run: s.Run, At: s.At, Tasks: make([]TaskView, len(s.Tasks))}
	then.Run.Standing, then.Run.Halt, then.Run.Lock = pipeline.Moving, nil, Lock{Run: s.Run.ID}
	then.Run.RolloutHalt, then.Run.resumed = nil, time.Time{}
	at := make(map[string]int, len(s.Tasks))
	for i, t := range s.Tasks {
		at[t.ID] = i
		then.Tasks[i] = TaskView{Task: t.Task, Usual: t.Usual, State: pipeline.Waiting}
	}
	var signoffs []pipeline.Signoff
	for _, e := range events {
		if e.Seq > seq {
			break
		}
		then.At, then.Run.Seq = e.At, e.Seq
		then.Events = append(then.Events, e)
		switch e.Type {
		case TaskEvent:
			if i, ok := at[e.Task]; ok {
				then.Tasks[i].take(e)
			}
		case ApprovalEvent:
			signoffs = signed(signoffs, e)
		case CommandEvent:
			then.Run.halted(e)
		case RunEvent:
			then.Run.Lock.Engine = e.Standing == "" // it took over; where it left it says how
			if e.Standing != "" {
				then.Run.Standing = e.Standing
			} else {
				then.Run.Standing = pipeline.Moving
			}
		}
	}
	for i := range then.Tasks {
		t := &then.Tasks[i]
		then.Counts.Add(t.State, 1)
		var g pipeline.Gate
		if t.Kind == pipeline.KindGate && json.Unmarshal(t.Args, &g) == nil {
			v := GateView{Task: t.ID, Gate: g, State: t.State, Key: t.Key, Signoffs: pipeline.Current(signoffs, t.ID, t.Key)}
			v.Missing = g.Missing(v.Signoffs)
			then.Gates = append(then.Gates, v)
		}
	}
	if then.Run.Standing == pipeline.Moving && then.Counts.Held > 0 && then.Counts.Running+then.Counts.Retrying == 0 {
		then.Run.Standing = pipeline.AtGate // an engine that waits at a gate writes so only when it ends
	}
	if then.Run.Standing != pipeline.Done {
		then.Run.Ended = time.Time{}
	}
	then.Run.Counts, then.Causes = then.Counts, causes(then.Tasks)
	return then
}

// signed follows one approval event.
func signed(all []pipeline.Signoff, e Event) []pipeline.Signoff {
	if e.What == verbRevoke {
		var rest []pipeline.Signoff
		for _, s := range all {
			if s.Gate != e.Task || s.Key != e.Key || s.By != e.By {
				rest = append(rest, s)
			}
		}
		return rest
	}
	return append(all, pipeline.Signoff{Gate: e.Task, Key: e.Key, Role: e.Role, By: e.By, Reason: e.Text, Reject: e.What == verbReject, At: e.At})
}

// halted follows a command that pauses, stops or resumes the run or its rollout.
func (r *Run) halted(e Event) {
	switch e.What {
	case verbPause, verbStop:
		r.Halt = &Halt{Verb: e.What, By: e.By, At: e.At, Reason: e.Text}
		r.Standing = pipeline.Pausing
		if e.What == verbStop {
			r.Standing = pipeline.Stopped
		}
	case verbResume:
		r.Halt, r.Standing = nil, pipeline.Moving
	case VerbHaltRollout:
		r.RolloutHalt = &Halt{Verb: e.What, By: e.By, At: e.At, Reason: e.Text}
	case VerbResumeRollout:
		r.RolloutHalt, r.resumed = nil, e.At
	}
}
