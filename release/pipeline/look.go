package pipeline

import "fmt"

// Find returns a task's place in the graph.
func (m *Machine) Find(id string) (int, error) {
	i, ok := m.at[id]
	if !ok {
		return 0, fmt.Errorf("task %q: %w", id, ErrNoSuchTask)
	}
	return i, nil
}

// Task returns the i-th task.
func (m *Machine) Task(i int) Task { return m.tasks[i] }

// Len is the number of tasks.
func (m *Machine) Len() int { return len(m.tasks) }

// State returns where the i-th task stands.
func (m *Machine) State(i int) State { return m.nodes[i].state }

// InScope tells whether the run was asked for the i-th task.
func (m *Machine) InScope(i int) bool { return !m.nodes[i].outside }

// Key returns the i-th task's key, empty until all it needs has passed.
func (m *Machine) Key(i int) string { return m.nodes[i].key }

// Out returns the digest of the i-th task's result, empty until it passed.
func (m *Machine) Out(i int) string { return m.nodes[i].out }

// Attempt returns how many attempts of the i-th task ever began.
func (m *Machine) Attempt(i int) int { return m.nodes[i].attempt }

// SetAttempt recalls the attempts of an earlier life of the run; they number
// what follows and do not count against the task's own limit.
func (m *Machine) SetAttempt(i, n int) { m.nodes[i].attempt = n }

// Trouble returns why the i-th task failed.
func (m *Machine) Trouble(i int) Trouble { return m.nodes[i].fail }

// Obstacle names the task that blocks the i-th: the first it needs, directly or
// not, that failed or was cancelled.
func (m *Machine) Obstacle(i int) string {
	for {
		next := -1
		for _, need := range m.tasks[i].Needs {
			j := m.at[need]
			switch m.nodes[j].state {
			case Failed, Cancelled:
				return need
			case Blocked:
				if next < 0 {
					next = j
				}
			}
		}
		if next < 0 {
			return ""
		}
		i = next
	}
}

// Counts tells how many tasks in scope stand where.
func (m *Machine) Counts() Counts { return m.counts }

// Paused tells whether a person paused the run.
func (m *Machine) Paused() bool { return m.paused }

// Pools lists the pools that the graph names, in its order.
func (m *Machine) Pools() []string { return m.pools }

// Gate returns the gate at i and its current sign-offs; ok is false when the
// task is no gate.
func (m *Machine) Gate(i int) (g Gate, have []Signoff, ok bool) {
	if m.nodes[i].gate == nil {
		return Gate{}, nil, false
	}
	return *m.nodes[i].gate, Current(m.signoffs, m.tasks[i].ID, m.nodes[i].key), true
}

// Memory is what must survive for a machine to go on elsewhere: outputs of
// what passed, attempts, troubles and sign-offs. It is what a Temporal
// workflow carries into its continuation; the local engine has its journal.
type Memory struct {
	Tasks    []Remembered `json:"tasks"` // those that are not simply waiting, in graph order
	Signoffs []Signoff    `json:"signoffs,omitempty"`
	Paused   bool         `json:"paused,omitempty"`
}

// Remembered is one task's part of a [Memory].
type Remembered struct {
	Task    int      `json:"task"`
	Attempt int      `json:"attempt,omitempty"`
	Spent   int      `json:"spent,omitempty"`
	Out     string   `json:"out,omitempty"`
	State   State    `json:"state,omitempty"` // failed or cancelled
	Fail    *Trouble `json:"fail,omitempty"`
}

// Snapshot returns the machine's memory. Attempts under way are remembered as
// waiting: whoever goes on takes them again.
func (m *Machine) Snapshot() Memory {
	mem := Memory{Signoffs: append([]Signoff(nil), m.signoffs...), Paused: m.paused}
	for i := range m.nodes {
		n := &m.nodes[i]
		r := Remembered{Task: i, Attempt: n.attempt, Spent: n.spent}
		switch {
		case n.state == Passed && n.gate == nil:
			r.Out = n.out
		case n.state == Failed && n.gate == nil, n.state == Cancelled:
			fail := n.fail
			r.State, r.Fail = n.state, &fail
		case n.state == Running:
			r.Spent--
		}
		if r != (Remembered{Task: i}) {
			mem.Tasks = append(mem.Tasks, r)
		}
	}
	return mem
}

// Restore makes a machine that goes on from a memory.
func Restore(g Graph, versions map[string]int, scope func(Task) bool, mem Memory) (*Machine, error) {
	m, err := New(g, versions, scope)
	if err != nil {
		return nil, err
	}
	if err := m.Recall(mem.Signoffs); err != nil {
		return nil, err
	}
	m.paused = mem.Paused
	// Tasks stand after what they need, so one walk in order suffices.
	for _, r := range mem.Tasks {
		if r.Task < 0 || r.Task >= len(m.nodes) {
			return nil, fmt.Errorf("memory of task %d: the graph has %d", r.Task, len(m.nodes))
		}
		n := &m.nodes[r.Task]
		n.attempt, n.spent = r.Attempt, r.Spent
		switch {
		case r.Out != "":
			if err := m.Done(r.Task, r.Out); err != nil {
				return nil, err
			}
		case r.State != "" && r.Fail != nil:
			m.GiveUp(r.Task, r.State, *r.Fail)
		}
	}
	m.changes = nil
	return m, nil
}

// GiveUp puts a task back where an earlier life of the run left it: failed or
// cancelled, with no attempt made in this one.
func (m *Machine) GiveUp(i int, s State, why Trouble) {
	n := &m.nodes[i]
	if n.outside || n.state.Final() && n.state != Blocked {
		return
	}
	if n.state == Blocked { // it stops others once, not twice
		m.ripple(i, -1)
	}
	m.found(i)
	m.dequeue(i)
	n.fail = why
	m.give(i, s)
}
