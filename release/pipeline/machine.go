package pipeline

import (
	"fmt"
)

// Machine decides what may run. It has no clock, reads nothing, starts nothing
// and is not safe for concurrent use: an engine feeds it what happened and
// asks what may happen next.
//
// A task whose needs have all passed is first [Machine.Unlocked]: the engine
// looks for a result under its key and answers [Machine.Done] or
// [Machine.Absent]. Only an absent one is queued for [Machine.Take]. Gates are
// never taken; they pass by themselves when their sign-offs are complete.
type Machine struct {
	tasks    []Task
	versions map[string]int
	at       map[string]int
	nodes    []node
	pools    []string
	queues   map[string]*queue // by pool
	unlocked []int
	changes  []Change
	signoffs []Signoff
	paused   bool
	counts   Counts // of tasks in scope
	queued   int    // tasks in scope that wait for a slot
	looking  int    // tasks in scope that are unlocked and not yet answered
}

type node struct {
	state   State
	feeds   []int // who needs this
	gate    *Gate
	missing int    // needs that have not passed
	stuck   int    // needs that failed, were cancelled or are blocked
	attempt int    // attempts ever begun
	spent   int    // attempts since a person last asked
	key     string // once all needs passed
	out     string // once passed
	queued  bool   // waits for a slot
	looking bool   // handed out by Unlocked, not yet answered
	outside bool   // not in this run's scope
	urgency int
	fail    Trouble
}

// New makes a machine at the start of a graph that [Graph.Check] found sound.
// Versions are those of the kinds. A nil scope means every task; otherwise the
// run ends when the tasks it names, and what they need, are done.
func New(g Graph, versions map[string]int, scope func(Task) bool) (*Machine, error) {
	m := &Machine{
		tasks: g.Tasks, versions: versions,
		at:     make(map[string]int, len(g.Tasks)),
		nodes:  make([]node, len(g.Tasks)),
		queues: map[string]*queue{},
	}
	for i, t := range g.Tasks {
		n := &m.nodes[i]
		n.state, n.missing = Waiting, len(t.Needs)
		if t.Kind == KindGate {
			gate, err := t.gate()
			if err != nil {
				return nil, fmt.Errorf("gate %s: %w", t.ID, err)
			}
			n.gate = &gate
		}
		for _, need := range t.Needs {
			j, ok := m.at[need]
			if !ok {
				return nil, fmt.Errorf("task %s needs %q, which does not stand before it", t.ID, need)
			}
			m.nodes[j].feeds = append(m.nodes[j].feeds, i)
		}
		if _, twice := m.at[t.ID]; twice {
			return nil, fmt.Errorf("task %s is named twice", t.ID)
		}
		m.at[t.ID] = i
		if m.queues[t.Pool] == nil {
			m.queues[t.Pool] = &queue{}
			m.pools = append(m.pools, t.Pool)
		}
	}
	m.narrow(scope)
	for i := range m.nodes {
		if err := m.unlock(i); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// narrow marks what lies outside the scope. Needs stand before those who need
// them, so one walk from the end finds the whole closure.
func (m *Machine) narrow(scope func(Task) bool) {
	for i := len(m.nodes) - 1; i >= 0; i-- {
		n := &m.nodes[i]
		in := scope == nil || scope(m.tasks[i])
		for _, f := range n.feeds {
			in = in || !m.nodes[f].outside
		}
		n.outside = !in
		if in {
			m.counts.Add(Waiting, 1)
		}
	}
}

// unlock moves a waiting task whose needs have all passed one step on.
func (m *Machine) unlock(i int) error {
	n := &m.nodes[i]
	if n.state != Waiting || n.missing > 0 || n.outside || n.looking || n.queued {
		return nil
	}
	t := m.tasks[i]
	outs := make([]string, len(t.Needs))
	for k, need := range t.Needs {
		outs[k] = m.nodes[m.at[need]].out
	}
	key, err := Key(t, m.versions[t.Kind], outs)
	if err != nil {
		return err
	}
	n.key = key
	if n.gate != nil {
		m.set(i, Held)
		return m.weigh(i)
	}
	n.looking = true
	m.looking++
	m.unlocked = append(m.unlocked, i)
	return nil
}

// Unlocked hands out the tasks whose needs have all passed since it was last
// called. The engine answers each with Done or Absent.
func (m *Machine) Unlocked() []int {
	var u []int
	for _, i := range m.unlocked {
		if m.nodes[i].looking { // not answered or shut off meanwhile
			u = append(u, i)
		}
	}
	m.unlocked = nil
	return u
}

// Absent queues an unlocked task: there is no result under its key.
func (m *Machine) Absent(i int) {
	if m.nodes[i].looking {
		m.found(i)
		m.enqueue(i)
	}
}

func (m *Machine) found(i int) {
	if m.nodes[i].looking {
		m.nodes[i].looking = false
		m.looking--
	}
}

// Take begins attempts of up to n tasks of a pool, most urgent first, then in
// the order of the graph.
func (m *Machine) Take(pool string, n int) []int {
	q := m.queues[pool]
	var taken []int
	for q != nil && !m.paused && len(taken) < n {
		i, ok := q.pop()
		if !ok {
			break
		}
		node := &m.nodes[i]
		if !node.queued { // cancelled or blocked while it waited
			continue
		}
		node.queued = false
		m.queued--
		node.attempt++
		node.spent++
		m.set(i, Running)
		taken = append(taken, i)
	}
	return taken
}

// Done records a result, found or made: out is its [Output].
func (m *Machine) Done(i int, out string) error {
	n := &m.nodes[i]
	if n.state == Passed || n.state == Blocked || n.missing > 0 || n.outside {
		return fmt.Errorf("task %s is %s: it cannot pass", m.tasks[i].ID, n.state)
	}
	m.found(i)
	m.dequeue(i)
	n.out, n.fail = out, Trouble{}
	m.set(i, Passed)
	for _, f := range n.feeds {
		m.nodes[f].missing--
		if err := m.unlock(f); err != nil {
			return err
		}
	}
	return nil
}
