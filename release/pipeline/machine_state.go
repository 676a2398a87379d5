package pipeline

// Change is a task that moved from one state to another.
type Change struct {
	Task     int
	From, To State
}

// give puts a task in a state that blocks what needs it.
func (m *Machine) give(i int, s State) {
	m.set(i, s)
	m.ripple(i, +1)
}

// ripple tells those who need i that it got stuck (+1) or free again (-1).
func (m *Machine) ripple(i, by int) {
	todo := []int{i}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, f := range m.nodes[i].feeds {
			n := &m.nodes[f]
			n.stuck += by
			switch {
			case n.state == Waiting && n.stuck > 0:
				m.set(f, Blocked)
				todo = append(todo, f)
			case n.state == Blocked && n.stuck == 0:
				m.set(f, Waiting)
				todo = append(todo, f)
			}
		}
	}
}

func (m *Machine) set(i int, s State) {
	n := &m.nodes[i]
	if n.state == s {
		return
	}
	m.changes = append(m.changes, Change{Task: i, From: n.state, To: s})
	if !n.outside {
		m.counts.Add(n.state, -1)
		m.counts.Add(s, +1)
	}
	n.state = s
}

// Changes hands out, once, the moves since it was last called.
func (m *Machine) Changes() []Change {
	c := m.changes
	m.changes = nil
	return c
}

// Standing tells where the whole run stands.
func (m *Machine) Standing() Standing {
	c := m.counts
	switch {
	case c.Running > 0 || c.Retrying > 0 || m.looking > 0:
		return Moving
	case m.queued > 0 && m.paused:
		return Pausing
	case m.queued > 0:
		return Moving
	case c.Held > 0:
		return AtGate
	case c.Failed > 0 || c.Cancelled > 0:
		return Broken
	}
	return Done
}

// Pause stops new attempts; running ones finish.
func (m *Machine) Pause() { m.paused = true }

// Resume lifts a pause.
func (m *Machine) Resume() { m.paused = false }
