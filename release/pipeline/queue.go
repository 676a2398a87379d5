package pipeline

import "container/heap"

// queue is the tasks of one pool that wait for a slot.
type queue struct{ items []item }

type item struct{ task, urgency int }

func (q *queue) Len() int      { return len(q.items) }
func (q *queue) Swap(a, b int) { q.items[a], q.items[b] = q.items[b], q.items[a] }
func (q *queue) Push(x any)    { q.items = append(q.items, x.(item)) }
func (q *queue) Less(a, b int) bool {
	x, y := q.items[a], q.items[b]
	if x.urgency != y.urgency {
		return x.urgency > y.urgency
	}
	return x.task < y.task
}

func (q *queue) Pop() any {
	last := q.items[len(q.items)-1]
	q.items = q.items[:len(q.items)-1]
	return last
}

func (q *queue) pop() (task int, ok bool) {
	if len(q.items) == 0 {
		return 0, false
	}
	return heap.Pop(q).(item).task, true
}

func (m *Machine) enqueue(i int) {
	n := &m.nodes[i]
	n.queued = true
	m.queued++
	heap.Push(m.queues[m.tasks[i].Pool], item{task: i, urgency: n.urgency})
}

// dequeue leaves the entry in the heap; Take skips it.
func (m *Machine) dequeue(i int) {
	if n := &m.nodes[i]; n.queued {
		n.queued = false
		m.queued--
	}
}

// Prioritise moves a task ahead of (or, below zero, behind) its pool.
func (m *Machine) Prioritise(i, urgency int) {
	n := &m.nodes[i]
	n.urgency = urgency
	if n.queued {
		m.requeue(m.tasks[i].Pool)
	}
}

// requeue builds a pool's heap anew, so that no stale entry of a task stays
// beside its fresh one.
func (m *Machine) requeue(pool string) {
	old := m.queues[pool].items
	fresh := &queue{}
	seen := make(map[int]bool, len(old))
	for _, it := range old {
		if n := m.nodes[it.task]; n.queued && !seen[it.task] {
			seen[it.task] = true
			heap.Push(fresh, item{task: it.task, urgency: n.urgency})
		}
	}
	m.queues[pool] = fresh
}
