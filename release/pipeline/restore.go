package pipeline

// Memory is what is on record of an earlier life of a run. What passed needs no
// mention: it is found again by its key, and so counts only for what rests on the
// same bytes as before.
type Memory struct {
	Tasks    map[string]Remembered // by ID; those that the graph has lost are passed over
	Signoffs []Signoff             // those bound to other bytes stay on record and count for nothing
	Paused   bool
}

// Remembered is what is on record of one task.
type Remembered struct {
	State   State
	Attempt int // attempts that ever began
	Fail    Trouble
}

// Restore makes a machine that goes on from a memory: what had failed or was
// cancelled is given up as it was, and what was under way waits to be done again.
// Attempts go on being numbered, but those of before do not count against a task's
// limit. The engine answers [Machine.Unlocked] with the results that there are.
func Restore(g Graph, versions map[string]int, scope func(Task) bool, mem Memory) (*Machine, error) {
	m, err := New(g, versions, scope)
	if err != nil {
		return nil, err
	}
	for i, t := range m.tasks {
		r, n := mem.Tasks[t.ID], &m.nodes[i]
		n.attempt = r.Attempt
		// That a gate was rejected is what its sign-offs say, if they still count.
		if r.State == Cancelled || r.State == Failed && n.gate == nil {
			m.giveUp(i, r.State, r.Fail)
		}
	}
	m.signoffs, m.paused = append(m.signoffs, mem.Signoffs...), mem.Paused
	for i := range m.nodes {
		if m.nodes[i].gate != nil && m.nodes[i].state == Held {
			if err := m.weigh(i); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

// giveUp puts a task back where an earlier life of the run left it, with no
// attempt made in this one.
func (m *Machine) giveUp(i int, s State, why Trouble) {
	n := &m.nodes[i]
	if n.outside || n.state.Final() && n.state != Blocked {
		return
	}
	if n.state == Blocked { // it stops others once, not twice
		m.ripple(i, -1)
	}
	m.found(i)
	n.fail = why
	m.give(i, s)
}
