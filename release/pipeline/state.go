package pipeline

// State is where a task stands.
type State string

const (
	Waiting   State = "waiting"   // for what it needs, or for a free slot
	Running   State = "running"   // an attempt is under way
	Passed    State = "passed"    // its result is recorded
	Failed    State = "failed"    // given up; a person may retry it
	Retrying  State = "retrying"  // failed, and will be tried again by itself
	Held      State = "held"      // a gate that waits for people
	Blocked   State = "blocked"   // something it needs failed or was cancelled
	Cancelled State = "cancelled" // by a person; a retry brings it back
)

// States returns every state, the most pressing first.
func States() []State {
	return []State{Failed, Held, Retrying, Running, Waiting, Blocked, Cancelled, Passed}
}

// Final tells whether a task in this state stays in it until a person acts.
func (s State) Final() bool {
	return s == Passed || s == Failed || s == Blocked || s == Cancelled
}

// Standing is where a whole run stands.
type Standing string

const (
	Moving  Standing = "moving"  // something runs, may start, or will be tried again
	AtGate  Standing = "held"    // only people can move it
	Pausing Standing = "paused"  // tasks could start, but a person paused the run
	Broken  Standing = "failed"  // what is left needs what failed
	Done    Standing = "done"    // every task in scope passed
	Stopped Standing = "stopped" // the candidate was halted
)

// Counts is how many tasks stand where.
type Counts struct {
	Waiting   int `json:"waiting"`
	Running   int `json:"running"`
	Passed    int `json:"passed"`
	Failed    int `json:"failed"`
	Retrying  int `json:"retrying"`
	Held      int `json:"held"`
	Blocked   int `json:"blocked"`
	Cancelled int `json:"cancelled"`
}

// Add moves the count of one state by n.
func (c *Counts) Add(s State, n int) {
	if p := c.of(s); p != nil {
		*p += n
	}
}

// Of is the count of one state.
func (c Counts) Of(s State) int {
	if p := c.of(s); p != nil {
		return *p
	}
	return 0
}

// Total is the number of tasks counted.
func (c Counts) Total() int {
	return c.Waiting + c.Running + c.Passed + c.Failed + c.Retrying + c.Held + c.Blocked + c.Cancelled
}

func (c *Counts) of(s State) *int {
	switch s {
	case Waiting:
		return &c.Waiting
	case Running:
		return &c.Running
	case Passed:
		return &c.Passed
	case Failed:
		return &c.Failed
	case Retrying:
		return &c.Retrying
	case Held:
		return &c.Held
	case Blocked:
		return &c.Blocked
	case Cancelled:
		return &c.Cancelled
	}
	return nil
}
