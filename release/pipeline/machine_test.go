package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
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

func TestOneFailureStopsOnlyWhatNeedsIt(t *testing.T) {
	m := machine(t, "tag", "de: tag", "fr: tag", "sign/de: de", "sign/fr: fr", "publish: sign/de sign/fr")
	want(t, "first", strings.Join(step(m), " "), "tag")
	m.mustDone(t, "tag")
	want(t, "then", strings.Join(step(m), " "), "de fr")
	m.fail("de", Input)
	m.mustDone(t, "fr")
	want(t, "others go on", strings.Join(step(m), " "), "sign/fr")
	m.mustDone(t, "sign/fr")
	want(t, "states", states(m), "tag=passed de=failed fr=passed sign/de=blocked sign/fr=passed publish=blocked")
	want(t, "standing", m.Standing(), Broken)

	de, _ := m.Find("de")
	if err := m.Retry(de); err != nil {
		t.Fatal(err)
	}
	want(t, "after retry", states(m), "tag=passed de=waiting fr=passed sign/de=waiting sign/fr=passed publish=waiting")
	step(m)
	m.mustDone(t, "de")
	step(m)
	m.mustDone(t, "sign/de")
	step(m)
	m.mustDone(t, "publish")
	want(t, "standing", m.Standing(), Done)
}

func TestInfraFailuresAreTriedAgainWithGrowingPauses(t *testing.T) {
	m := machine(t, "upload")
	for attempt, after := range []time.Duration{time.Second, 2 * time.Second} {
		step(m)
		want(t, "attempt", m.Attempt(0), attempt+1)
		want(t, "decision", m.fail("upload", Infra), Decision{Retry: true, After: after})
		want(t, "standing", m.Standing(), Moving)
		m.Again(0)
	}
	step(m)
	want(t, "third", m.fail("upload", Infra), Decision{})
	want(t, "standing", m.Standing(), Broken)
	if err := m.Retry(0); err != nil {
		t.Fatal(err)
	}
	step(m)
	want(t, "a person's retry begins afresh", m.fail("upload", Infra).Retry, true)
	want(t, "attempts are counted on", m.Attempt(0), 4)
}

func TestOtherClassesAreGivenUpAtOnce(t *testing.T) {
	for _, class := range []Class{Input, Policy, Clash, Unknown} {
		m := machine(t, "a")
		step(m)
		want(t, string(class), m.fail("a", class), Decision{})
	}
}

func TestGateNeedsItsQuorumBoundToBytes(t *testing.T) {
	m := machine(t, "build", "gate: build", "publish: gate")
	sign := func(role, by string) error {
		_, err := m.Approve(Signoff{Gate: "gate", Role: role, By: by})
		return err
	}
	refused := func(what string, err, sentinel error) {
		t.Helper()
		if !errors.Is(err, sentinel) {
			t.Errorf("%s: got %v, want %v", what, err, sentinel)
		}
	}
	refused("too early", sign("qa", "ann"), ErrNotReached)
	step(m)
	m.mustDone(t, "build")
	want(t, "held", m.Standing(), AtGate)
	if err := sign("qa", "ann"); err != nil {
		t.Fatal(err)
	}
	refused("same person again", sign("qa", "ann"), ErrNotAllowed)
	refused("same person, other role", sign("relman", "ann"), ErrNotAllowed)
	refused("unknown role", sign("king", "bob"), ErrNotAllowed)
	refused("nobody", sign("relman", ""), ErrNotAllowed)
	_, err := m.Approve(Signoff{Gate: "gate", Role: "qa", By: "bob", Key: "sha256:other"})
	refused("other bytes", err, ErrOtherBytes)
	if err := sign("qa", "bob"); err != nil {
		t.Fatal(err)
	}
	refused("role full", sign("qa", "cat"), ErrNotAllowed)
	want(t, "still held", states(m), "build=passed gate=held publish=waiting")
	if err := sign("relman", "cat"); err != nil {
		t.Fatal(err)
	}
	want(t, "open", states(m), "build=passed gate=passed publish=waiting")

	// Revocable until what it opens began.
	if err := m.Revoke("gate", "bob"); err != nil {
		t.Fatal(err)
	}
	want(t, "closed again", states(m), "build=passed gate=held publish=waiting")
	if got := step(m); got != nil {
		t.Errorf("started %v behind a closed gate", got)
	}
	if err := sign("qa", "dan"); err != nil {
		t.Fatal(err)
	}
	want(t, "goes on", strings.Join(step(m), " "), "publish")
	refused("too late", m.Revoke("gate", "dan"), ErrTookEffect)
	refused("too late to sign", sign("qa", "eve"), ErrTookEffect)
}

func TestRejectionFailsTheGateUntilRetried(t *testing.T) {
	m := machine(t, "gate", "publish: gate")
	if _, err := m.Approve(Signoff{Gate: "gate", Role: "qa", By: "ann", Reject: true}); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("rejection without reason: got %v", err)
	}
	if _, err := m.Approve(Signoff{Gate: "gate", Role: "qa", By: "ann", Reject: true, Reason: "crashes"}); err != nil {
		t.Fatal(err)
	}
	want(t, "states", states(m), "gate=failed publish=blocked")
	want(t, "why", m.Trouble(0).Text, "rejected by ann as qa: crashes")
	if _, err := m.Approve(Signoff{Gate: "gate", Role: "qa", By: "bob"}); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("approval of a rejected gate: got %v", err)
	}
	if err := m.Retry(0); err != nil {
		t.Fatal(err)
	}
	want(t, "states", states(m), "gate=held publish=waiting")
}

func TestApprovalsOfOtherBytesDoNotCount(t *testing.T) {
	m := machine(t, "build", "gate: build")
	old := []Signoff{{Gate: "gate", Key: "sha256:old", Role: "relman", By: "ann"}, {Gate: "gate", Key: "sha256:old", Role: "qa", By: "bob"}, {Gate: "gate", Key: "sha256:old", Role: "qa", By: "cat"}}
	if err := m.Recall(old); err != nil {
		t.Fatal(err)
	}
	step(m)
	m.mustDone(t, "build")
	want(t, "closed", states(m), "build=passed gate=held")
	gate, have, _ := m.Gate(1)
	want(t, "missing roles", len(gate.Missing(have)), 2)
}

func TestPauseAndPriority(t *testing.T) {
	m := machine(t, "a", "b", "c")
	for _, i := range m.Unlocked() {
		m.Absent(i)
	}
	m.Pause()
	if got := m.Take("", 3); got != nil {
		t.Errorf("took %v while paused", got)
	}
	want(t, "standing", m.Standing(), Pausing)
	m.Resume()
	m.Prioritise(2, 1)
	if got := m.Take("", 2); !slices.Equal(got, []int{2, 0}) {
		t.Errorf("order: got %v, want the urgent one first", got)
	}
}

func TestCancelBlocksAndRetryBringsBack(t *testing.T) {
	m := machine(t, "a", "b: a", "c: b")
	b, _ := m.Find("b")
	if err := m.Cancel(b, Trouble{Class: Policy, Cause: "cancelled"}); err != nil {
		t.Fatal(err)
	}
	want(t, "states", states(m), "a=waiting b=cancelled c=blocked")
	step(m)
	m.fail("a", Input)
	if err := m.Retry(b); err != nil {
		t.Fatal(err)
	}
	want(t, "its own need failed meanwhile", states(m), "a=failed b=blocked c=blocked")
	if err := m.Retry(0); err != nil {
		t.Fatal(err)
	}
	want(t, "all free", states(m), "a=waiting b=waiting c=waiting")
}

func TestScopeTakesNeedsAlong(t *testing.T) {
	g := graphOf("a", "b: a", "c: b", "d: a")
	m, err := New(g, testVersions, func(t Task) bool { return t.ID == "b" })
	if err != nil {
		t.Fatal(err)
	}
	want(t, "total", m.Counts().Total(), 2)
	step(m)
	m.mustDone(t, "a")
	want(t, "only b", strings.Join(step(m), " "), "b")
	m.mustDone(t, "b")
	want(t, "standing", m.Standing(), Done)
}

// Random graphs, random outcomes, and a crash after a random step: whoever
// goes on from the memory repeats nothing that passed and ends where an
// uninterrupted run ends.
func TestRandomGraphsSurviveCrashes(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		g := randomGraph(rnd)
		m, err := New(g, testVersions, nil)
		if err != nil {
			t.Fatal(err)
		}
		passed := map[int]bool{}
		var running []int
		for steps := 0; ; steps++ {
			if steps > 10_000 {
				t.Fatalf("seed %d: no end in sight: %s", seed, states(m))
			}
			if rnd.IntN(5) == 0 { // crash
				b, err := json.Marshal(m.Snapshot())
				if err != nil {
					t.Fatal(err)
				}
				var mem Memory
				if err := json.Unmarshal(b, &mem); err != nil {
					t.Fatal(err)
				}
				before := m.Counts()
				if m, err = Restore(g, testVersions, nil, mem); err != nil {
					t.Fatal(err)
				}
				if after := m.Counts(); after.Passed != before.Passed || after.Failed != before.Failed || after.Blocked != before.Blocked || after.Held != before.Held {
					t.Fatalf("seed %d: counts changed over a crash: %+v, then %+v", seed, before, after)
				}
				running = nil
			}
			for _, i := range m.Unlocked() {
				m.Absent(i)
			}
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
					if err := m.Done(i, digest([]byte(m.Key(i)))); err != nil {
						t.Fatal(err)
					}
					passed[i] = true
				}
			}
			for i := range m.Len() {
				switch m.State(i) {
				case Retrying:
					m.Again(i)
				case Held:
					gate, have, _ := m.Gate(i)
					role := gate.Missing(have)[0].Role
					if _, err := m.Approve(Signoff{Gate: m.Task(i).ID, Role: role, By: fmt.Sprint("p", rnd.IntN(9))}); err != nil && !errors.Is(err, ErrNotAllowed) {
						t.Fatal(err)
					}
				}
			}
			recount(t, seed, m)
			if m.Standing() == Broken {
				for i := range m.Len() {
					if m.State(i) == Failed {
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
