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
