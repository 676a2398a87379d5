package pipeline

import (
	"fmt"
	"slices"
)

// Approve records a sign-off. An empty key means "what the gate guards now";
// the sign-off that counted is returned.
func (m *Machine) Approve(s Signoff) (Signoff, error) {
	i, err := m.gateOf(s.Gate)
	if err != nil {
		return s, err
	}
	n := &m.nodes[i]
	switch {
	case n.state == Passed:
		return s, fmt.Errorf("%w: gate %s is open", ErrTookEffect, s.Gate)
	case n.state == Failed:
		return s, fmt.Errorf("%w: %s", ErrNotAllowed, n.fail.Text)
	case n.state != Held:
		return s, fmt.Errorf("gate %s is %w: %s", s.Gate, ErrNotReached, m.lacking(i))
	case s.Key != "" && s.Key != n.key:
		return s, fmt.Errorf("gate %s %w: you saw %s, now it is %s", s.Gate, ErrOtherBytes, s.Key, n.key)
	}
	s.Key = n.key
	if err := n.gate.Accept(Current(m.signoffs, s.Gate, n.key), s); err != nil {
		return s, err
	}
	m.signoffs = append(m.signoffs, s)
	return s, m.weigh(i)
}

// Revoke takes back what a person said at a gate, until it took effect: until
// a task that needs the gate began.
func (m *Machine) Revoke(gate, by string) error {
	i, err := m.gateOf(gate)
	if err != nil {
		return err
	}
	n := &m.nodes[i]
	mine := func(s Signoff) bool { return s.Gate == gate && s.By == by && s.Key == n.key }
	if n.key == "" || !slices.ContainsFunc(m.signoffs, mine) {
		return fmt.Errorf("%w: %s has not signed %s", ErrNotAllowed, by, gate)
	}
	for _, f := range n.feeds {
		if d := &m.nodes[f]; d.attempt > 0 || d.state == Passed {
			return fmt.Errorf("%w: %s is %s", ErrTookEffect, m.tasks[f].ID, d.state)
		}
	}
	m.drop(mine)
	if n.state == Passed {
		m.close(i)
	}
	if _, no := Rejected(Current(m.signoffs, gate, n.key)); n.state == Failed && !no {
		return m.Retry(i)
	}
	return nil
}

// close shuts an open gate none of whose dependents began.
func (m *Machine) close(i int) {
	n := &m.nodes[i]
	n.out = ""
	m.set(i, Held)
	for _, f := range n.feeds {
		d := &m.nodes[f]
		d.missing++
		d.key = ""
		m.dequeue(f)
		m.found(f)
		if d.gate != nil && d.state == Held {
			m.set(f, Waiting)
		}
	}
}

// weigh passes or fails a held gate by the sign-offs it has.
func (m *Machine) weigh(i int) error {
	n := &m.nodes[i]
	have := Current(m.signoffs, m.tasks[i].ID, n.key)
	if s, no := Rejected(have); no {
		n.fail = Trouble{Class: Policy, Cause: "rejected by " + s.By, Text: fmt.Sprintf("rejected by %s as %s: %s", s.By, s.Role, s.Reason)}
		m.give(i, Failed)
		return nil
	}
	if len(n.gate.Missing(have)) > 0 {
		return nil
	}
	// What follows is bound to what was approved, not to who approved it.
	return m.Done(i, n.key)
}

func (m *Machine) drop(which func(Signoff) bool) {
	m.signoffs = slices.DeleteFunc(m.signoffs, which)
}

func (m *Machine) gateOf(id string) (int, error) {
	i, ok := m.at[id]
	if !ok || m.nodes[i].gate == nil {
		return 0, fmt.Errorf("gate %q: %w", id, ErrNoSuchTask)
	}
	return i, nil
}

// lacking says what an unreached gate still waits for.
func (m *Machine) lacking(i int) string {
	var c Counts
	var first string
	seen := make(map[int]bool)
	todo := []int{i}
	for len(todo) > 0 {
		j := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, need := range m.tasks[j].Needs {
			k := m.at[need]
			if seen[k] || m.nodes[k].state == Passed {
				continue
			}
			seen[k] = true
			c.Add(m.nodes[k].state, 1)
			if s := m.nodes[k].state; first == "" && (s == Failed || s == Held || s == Running) {
				first = fmt.Sprintf("%s is %s", m.tasks[k].ID, s)
			}
			todo = append(todo, k)
		}
	}
	text := fmt.Sprintf("%s it needs are not done", count(c.Total(), "task"))
	if first != "" {
		text += ", " + first
	}
	return text
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
