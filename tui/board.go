package tui

import (
	"slices"
	"time"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// board is a snapshot counted by stage and platform. It is made where the
// snapshot is read, so that no frame sums thousands of tasks.
type board struct {
	stages    []stage
	platforms []string
	total     pipeline.Counts
	done, of  time.Duration // work by usual times, for a percentage that means time
	running   []int         // tasks under way, the longest first
	failed    []int
}

// stage is one row of the board.
type stage struct {
	name  string
	cells []pipeline.Counts // by platform
	other pipeline.Counts   // tasks of no platform
	total pipeline.Counts
	left  time.Duration // usual time of what is still to do, on one slot
	first int           // its first task, for the order of the checklist
}

// assumed is the time of a task that never ran before, so that a percentage
// exists on the first release too.
const assumed = 5 * time.Second

func count(s *engine.Snapshot) board {
	b := board{total: s.Counts}
	stageAt, platformAt := map[string]int{}, map[string]int{}
	for _, t := range s.Tasks {
		if _, ok := platformAt[t.Platform]; !ok && t.Platform != "" {
			platformAt[t.Platform] = len(b.platforms)
			b.platforms = append(b.platforms, t.Platform)
		}
	}
	for i := range s.Tasks {
		t := &s.Tasks[i]
		at, ok := stageAt[t.Stage]
		if !ok {
			at = len(b.stages)
			stageAt[t.Stage] = at
			b.stages = append(b.stages, stage{name: t.Stage, first: i, cells: make([]pipeline.Counts, len(b.platforms))})
		}
		st := &b.stages[at]
		st.total.Add(t.State, 1)
		if t.Platform == "" {
			st.other.Add(t.State, 1)
		} else {
			st.cells[platformAt[t.Platform]].Add(t.State, 1)
		}
		b.weigh(st, t)
		switch t.State {
		case pipeline.Running:
			b.running = append(b.running, i)
		case pipeline.Failed:
			b.failed = append(b.failed, i)
		}
	}
	slices.SortStableFunc(b.running, func(i, j int) int { return s.Tasks[i].Started.Compare(s.Tasks[j].Started) })
	return b
}

// weigh adds one task's usual time to what is done or left.
func (b *board) weigh(st *stage, t *engine.TaskView) {
	if t.Kind == pipeline.KindGate {
		return
	}
	usual := t.Usual
	if usual == 0 {
		usual = assumed
	}
	b.of += usual
	if t.State == pipeline.Passed {
		b.done += usual
	} else {
		st.left += usual
	}
}

// percent is the share of the work that is done, by usual times; 100 only when
// all of it is.
func (b board) percent() int {
	if b.total.Total() == b.total.Passed {
		return 100
	}
	if b.of == 0 {
		return 0
	}
	return min(99, int(b.done*100/b.of))
}

// current is the first stage that has something to tell: a failure, a gate
// that waits, or work under way; else the first that is not done.
func (b board) current() int {
	for i, s := range b.stages {
		if s.total.Failed+s.total.Running+s.total.Retrying+s.total.Held > 0 {
			return i
		}
	}
	for i, s := range b.stages {
		if s.total.Passed < s.total.Total() {
			return i
		}
	}
	return max(0, len(b.stages)-1)
}
