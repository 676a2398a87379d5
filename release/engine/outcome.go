package engine

import (
	"fmt"

	"slipway/release/pipeline"
)

// Outcome is where a run stood when its engine ended.
type Outcome struct {
	Run      string            `json:"release"`
	Standing pipeline.Standing `json:"state"`
	Counts   pipeline.Counts   `json:"counts"`
	Causes   []pipeline.Cause  `json:"causes,omitempty"`
	Gates    []pipeline.Waited `json:"gates,omitempty"`
	Halt     *Halt             `json:"halt,omitempty"` // who paused or stopped it
}

func (o Outcome) String() string {
	return fmt.Sprintf("%s %s: %d of %d tasks", o.Run, o.Standing, o.Counts.Passed, o.Counts.Total())
}

// outcome is the run as the machine sees it.
func (c *core) outcome() Outcome {
	o := Outcome{Run: c.info.ID, Standing: c.m.Standing(), Counts: c.m.Counts(), Halt: c.info.Halt}
	var tasks []pipeline.Task
	var whys []pipeline.Trouble
	for i := range c.m.Len() {
		t := c.m.Task(i)
		switch c.m.State(i) {
		case pipeline.Failed, pipeline.Cancelled:
			tasks, whys = append(tasks, t), append(whys, c.m.Trouble(i))
		case pipeline.Held:
			gate, have, _ := c.m.Gate(i)
			o.Gates = append(o.Gates, pipeline.Waited{Gate: t.ID, Missing: gate.Missing(have)})
		}
	}
	o.Causes = pipeline.GroupCauses(tasks, whys)
	if c.info.Halt != nil && c.info.Halt.Verb == verbStop {
		o.Standing = pipeline.Stopped
	}
	return o
}
