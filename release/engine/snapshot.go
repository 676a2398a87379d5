package engine

import (
	"fmt"
	"time"

	"slipway/release/pipeline"
)

// TaskView is a task as a screen shows it.
type TaskView struct {
	*pipeline.Task // shared; never changed
	State          pipeline.State
	Attempt        int
	Key            string
	Cached         bool
	Started, Ended time.Time
	Usual          time.Duration // what it took in former runs, 0 when unknown
	Trouble        pipeline.Trouble
	Progress       Progress // while it runs
	Quiet          bool     // runs, and said nothing for longer than its policy thinks fit
}

// Took is how long the latest attempt took, or has taken by now.
func (t TaskView) Took(now time.Time) time.Duration {
	switch {
	case t.Started.IsZero():
		return 0
	case t.State == pipeline.Running:
		return now.Sub(t.Started)
	case t.Ended.Before(t.Started):
		return 0
	}
	return t.Ended.Sub(t.Started)
}

// Progress is what a running task last told of itself.
type Progress struct {
	Done, Total int64
	Unit        string
	Heard       time.Time // last output or progress
}

// GateView is a gate with what people said about the bytes it guards now.
type GateView struct {
	Task     string // its ID
	Gate     pipeline.Gate
	State    pipeline.State
	Key      string // what an approval is bound to; empty until it is reached
	Signoffs []pipeline.Signoff
	Missing  []pipeline.Missing
}

// Snapshot is a run at one moment. It is never changed after it was handed
// out.
type Snapshot struct {
	Run    Run
	At     time.Time
	Tasks  []TaskView // in the order of the graph
	Counts pipeline.Counts
	Gates  []GateView
	Causes []pipeline.Cause // of the failed tasks
	Events []Event          // the latest ones, oldest first
	Why    string           // one line, when it is not moving
	ETA    time.Duration    // from former runs; 0 when unknown
	Path   []int            // the tasks that bound the ETA
}

func causes(tasks []TaskView) []pipeline.Cause {
	var failed []pipeline.Task
	var whys []pipeline.Trouble
	for _, t := range tasks {
		if t.State == pipeline.Failed {
			failed, whys = append(failed, *t.Task), append(whys, t.Trouble)
		}
	}
	return pipeline.GroupCauses(failed, whys)
}

func why(s Snapshot) string {
	stand := pipeline.Stand{Standing: s.Run.Standing, Engine: s.Run.Driven(), Counts: s.Counts, Causes: s.Causes}
	if s.Run.Halt != nil {
		stand.PausedBy = s.Run.Halt.String()
	}
	if h := s.Run.RolloutHalt; h != nil {
		stand.HaltedBy = h.By + ": " + h.Reason
	}
	for _, g := range s.Gates {
		if g.State == pipeline.Held {
			stand.Gates = append(stand.Gates, pipeline.Waited{Gate: g.Task, Missing: g.Missing})
		}
	}
	for _, t := range s.Tasks {
		if t.Quiet {
			stand.Quiet = fmt.Sprintf("%s said nothing for %s", t.ID, s.At.Sub(later(t.Progress.Heard, t.Started)).Round(time.Minute))
			break
		}
	}
	return pipeline.Why(stand)
}
