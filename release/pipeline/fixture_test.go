package pipeline

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

var testVersions = map[string]int{"work": 1, KindGate: 1}

// chain makes tasks from lines such as "b: a" (b needs a).
func graphOf(lines ...string) Graph {
	var g Graph
	for _, line := range lines {
		id, needs, _ := strings.Cut(line, ":")
		t := Task{ID: id, Kind: "work", Effect: Pure, Needs: strings.Fields(needs), Try: TryPolicy{Attempts: 3, Backoff: time.Second}}
		t.Args, _ = json.Marshal(map[string]string{"id": id})
		if strings.HasPrefix(id, "gate") {
			t.Kind = KindGate
			t.Args, _ = json.Marshal(Gate{Name: id, Roles: map[string]int{"relman": 1, "qa": 2}})
		}
		g.Tasks = append(g.Tasks, t)
	}
	return g
}

func machine(t *testing.T, lines ...string) *Machine {
	t.Helper()
	m, err := New(graphOf(lines...), testVersions, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// step answers every look-up "absent" and takes what may start.
func step(m *Machine) []string {
	for _, i := range m.Unlocked() {
		m.Absent(i)
	}
	var ids []string
	for _, i := range m.Take("", 100) {
		ids = append(ids, m.Task(i).ID)
	}
	return ids
}

func (m *Machine) mustDone(t *testing.T, ids ...string) {
	t.Helper()
	for _, id := range ids {
		i, err := m.Find(id)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Done(i, "out of "+m.Key(i)); err != nil {
			t.Fatal(err)
		}
	}
}

func (m *Machine) fail(id string, class Class) Decision {
	i, _ := m.Find(id)
	return m.Failed(i, Trouble{Class: class, Cause: "it broke", Text: id + ": it broke"})
}

func states(m *Machine) string {
	var b strings.Builder
	for i := range m.Len() {
		fmt.Fprintf(&b, "%s=%s ", m.Task(i).ID, m.State(i))
	}
	return strings.TrimSpace(b.String())
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}
