package pipeline

import (
	"fmt"
	"time"
)

// Trouble is why a task failed.
type Trouble struct {
	Class Class  `json:"class"`
	Cause string `json:"cause"`
	Text  string `json:"text"`
}

// Decision is what a failure calls for.
type Decision struct {
	Retry bool
	After time.Duration
}

// maxBackoff bounds the doubling: past it, waiting longer helps nobody.
const maxBackoff = 10 * time.Minute

// Failed records that an attempt ended in trouble. Only infra failures are
// tried again by themselves, with a backoff that doubles; the engine calls
// [Machine.Again] when it has passed.
func (m *Machine) Failed(i int, why Trouble) Decision {
	n := &m.nodes[i]
	n.fail = why
	try := m.tasks[i].Try
	if why.Class == Infra && n.spent < try.Attempts {
		m.set(i, Retrying)
		after := try.Backoff
		for k := 1; k < n.spent && after < maxBackoff; k++ {
			after *= 2
		}
		return Decision{Retry: true, After: min(after, maxBackoff)}
	}
	m.give(i, Failed)
	return Decision{}
}

// Again queues a retrying task, its backoff over.
func (m *Machine) Again(i int) {
	if m.nodes[i].state == Retrying {
		m.set(i, Waiting)
		m.enqueue(i)
	}
}

// Forget takes back an attempt that was cut short by the engine's own end: it
// counts neither as failed nor as spent.
func (m *Machine) Forget(i int) {
	n := &m.nodes[i]
	if n.state == Running {
		n.spent--
		m.set(i, Waiting)
		m.enqueue(i)
	}
}

// Retry asks once more for a failed or cancelled task or a rejected gate, with
// its attempts fresh; a task that waits for its backoff goes at once.
func (m *Machine) Retry(i int) error {
	n := &m.nodes[i]
	switch n.state {
	case Retrying:
		n.spent = 0
		m.Again(i)
		return nil
	case Failed, Cancelled:
	default:
		return fmt.Errorf("%s is %s: only failed, retrying or cancelled tasks can be retried", m.tasks[i].ID, n.state)
	}
	n.spent, n.fail = 0, Trouble{}
	if n.gate != nil {
		m.drop(func(s Signoff) bool { return s.Gate == m.tasks[i].ID && s.Reject })
	}
	m.set(i, Waiting)
	m.ripple(i, -1)
	if n.stuck > 0 {
		m.set(i, Blocked)
		m.ripple(i, +1)
		return nil
	}
	return m.unlock(i)
}

// Cancel gives a task up without an attempt, or during one; what needs it is
// blocked. The engine ends a running attempt itself.
func (m *Machine) Cancel(i int, why Trouble) error {
	n := &m.nodes[i]
	if n.state.Final() || n.outside {
		return fmt.Errorf("%s is %s: nothing to cancel", m.tasks[i].ID, n.state)
	}
	m.found(i)
	m.dequeue(i)
	n.fail = why
	m.give(i, Cancelled)
	return nil
}
