package pipeline

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Random graphs, random outcomes, and a crash after a random step: whoever
// goes on from what is on record, and from the results, repeats nothing that passed
// and ends where an uninterrupted run ends.
func TestRandomGraphsSurviveCrashes(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		g := randomGraph(rnd)
		m, err := New(g, testVersions, nil)
		if err != nil {
			t.Fatal(err)
		}
		passed := map[int]bool{}
		results := map[string]string{} // by key
		var running []int
		for steps := 0; ; steps++ {
			if steps > 10_000 {
				t.Fatalf("seed %d: no end in sight: %s", seed, states(m))
			}
			if rnd.IntN(5) == 0 { // crash
				before, was := m.Counts(), m
				if m, err = Restore(g, testVersions, nil, recorded(m)); err != nil {
					t.Fatal(err)
				}
				for i := range m.Len() {
					want(t, "attempts", m.Attempt(i), was.Attempt(i))
				}
				find(t, m, results)
				if after := m.Counts(); after.Passed != before.Passed || after.Failed != before.Failed || after.Cancelled != before.Cancelled || after.Blocked != before.Blocked || after.Held != before.Held {
					t.Fatalf("seed %d: counts changed over a crash: %+v, then %+v", seed, before, after)
				}
				running = nil
			}
			find(t, m, results)
			for _, i := range m.Take("", rnd.IntN(4)) {
				if passed[i] {
					t.Fatalf("seed %d: %s runs again", seed, m.Task(i).ID)
				}
				for _, need := range m.Task(i).Needs {
					if j, _ := m.Find(need); m.State(j) != Passed {
						t.Fatalf("seed %d: %s runs before %s", seed, m.Task(i).ID, need)
					}
				}
				running = append(running, i)
			}
			if len(running) > 0 {
				k := rnd.IntN(len(running))
				i := running[k]
				running = slices.Delete(running, k, k+1)
				switch rnd.IntN(6) {
				case 0:
					m.Failed(i, Trouble{Class: Infra})
				case 1:
					m.Failed(i, Trouble{Class: Input})
				default:
					results[m.Key(i)] = digest([]byte(m.Key(i)))
					if err := m.Done(i, results[m.Key(i)]); err != nil {
						t.Fatal(err)
					}
					passed[i] = true
				}
			}
			for i := range m.Len() {
				switch m.State(i) {
				case Waiting:
					if rnd.IntN(40) == 0 {
						if err := m.Cancel(i, Trouble{Class: Policy}); err != nil {
							t.Fatal(err)
						}
					}
				case Retrying:
					m.Again(i)
				case Held:
					gate, have, _ := m.Gate(i)
					role := gate.Missing(have)[0].Role
					said := Signoff{Gate: m.Task(i).ID, Role: role, By: fmt.Sprint("p", rnd.IntN(9)), Reject: rnd.IntN(6) == 0, Reason: "so"}
					if _, err := m.Approve(said); err != nil && !errors.Is(err, ErrNotAllowed) {
						t.Fatal(err)
					}
				}
			}
			recount(t, seed, m)
			if m.Standing() == Broken {
				for i := range m.Len() {
					if s := m.State(i); s == Failed || s == Cancelled {
						if err := m.Retry(i); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
			if m.Standing() == Done {
				break
			}
		}
		for i := range m.Len() {
			if m.State(i) != Passed {
				t.Fatalf("seed %d: done, but %s", seed, states(m))
			}
		}
	}
}

// recorded is what an engine has on record when it dies.
func recorded(m *Machine) Memory {
	mem := Memory{Tasks: map[string]Remembered{}, Signoffs: m.signoffs, Paused: m.paused}
	for i := range m.Len() {
		mem.Tasks[m.Task(i).ID] = Remembered{State: m.State(i), Attempt: m.Attempt(i), Fail: m.Trouble(i)}
	}
	return mem
}

// find answers look-ups until nothing more follows, as an engine does.
func find(t *testing.T, m *Machine, results map[string]string) {
	t.Helper()
	for unlocked := m.Unlocked(); len(unlocked) > 0; unlocked = m.Unlocked() {
		for _, i := range unlocked {
			out, ok := results[m.Key(i)]
			if !ok {
				m.Absent(i)
				continue
			}
			if err := m.Done(i, out); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// recount holds the machine's counters to the states they count.
func recount(t *testing.T, seed uint64, m *Machine) {
	t.Helper()
	var c Counts
	for i := range m.Len() {
		c.Add(m.State(i), 1)
	}
	if c != m.Counts() {
		t.Fatalf("seed %d: counters %+v, states %+v", seed, m.Counts(), c)
	}
}

func randomGraph(rnd *rand.Rand) Graph {
	var lines []string
	for i := range 1 + rnd.IntN(25) {
		line := fmt.Sprintf("t%d:", i)
		if rnd.IntN(8) == 0 {
			line = fmt.Sprintf("gate%d:", i)
		}
		for j := range i {
			if rnd.IntN(i+1) < 2 {
				id, _, _ := strings.Cut(lines[j], ":")
				line += " " + id
			}
		}
		lines = append(lines, line)
	}
	return graphOf(lines...)
}
