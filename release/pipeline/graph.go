package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Check returns everything that is wrong with a graph, in its own order; a
// graph without problems always runs to an end.
func (g Graph) Check(kinds Registry) []error {
	var problems []error
	bad := func(t Task, format string, args ...any) {
		problems = append(problems, fmt.Errorf("task %q: %w", t.ID, fmt.Errorf(format, args...)))
	}
	at := make(map[string]int, len(g.Tasks))
	for i, t := range g.Tasks {
		if err := checkID(t.ID); err != nil {
			bad(t, "%w", err)
		}
		if j, ok := at[t.ID]; ok {
			bad(t, "named twice, as tasks %d and %d", j+1, i+1)
			continue
		}
		at[t.ID] = i
	}
	for i, t := range g.Tasks {
		seen := make(map[string]bool, len(t.Needs))
		for _, need := range t.Needs {
			j, ok := at[need]
			switch {
			case !ok:
				bad(t, "needs %q, which is not in the graph", need)
			case j == i:
				bad(t, "needs itself")
			case j > i && g.reaches(at, need, t.ID):
				bad(t, "needs %q, which needs it: a cycle", need)
			case j > i:
				bad(t, "stands before %q, which it needs", need)
			case seen[need]:
				bad(t, "needs %q twice", need)
			}
			seen[need] = true
		}
		for _, err := range checkKind(t, kinds) {
			bad(t, "%w", err)
		}
	}
	return problems
}

func checkKind(t Task, kinds Registry) (problems []error) {
	if t.Try.Attempts < 0 || t.Try.Backoff < 0 || t.Try.Timeout < 0 || t.Try.Quiet < 0 {
		problems = append(problems, fmt.Errorf("try policy %+v: want nothing negative", t.Try))
	}
	if t.Kind == KindGate {
		if _, err := t.gate(); err != nil {
			problems = append(problems, err)
		}
		return problems
	}
	kind, ok := kinds[t.Kind]
	if !ok {
		return append(problems, fmt.Errorf("unknown kind %q", t.Kind))
	}
	switch t.Effect {
	case Pure, Idempotent:
	case Once:
		if kind.Probe == nil {
			problems = append(problems, fmt.Errorf("effect once, but kind %q cannot ask whether it already happened (no probe)", t.Kind))
		}
	default:
		problems = append(problems, fmt.Errorf("effect %q: want pure, idempotent or once", t.Effect))
	}
	return problems
}

// gate decodes a gate's arguments.
func (t Task) gate() (Gate, error) {
	g, err := decodeArgs[Gate](t)
	if err != nil {
		return Gate{}, err
	}
	return g, g.check()
}

// reaches tells whether a needs b, directly or not. Only called on graphs
// already known to be wrong, so it may take its time.
func (g Graph) reaches(at map[string]int, a, b string) bool {
	seen := map[string]bool{}
	todo := []string{a}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if id == b {
			return true
		}
		if i, ok := at[id]; ok && !seen[id] {
			seen[id] = true
			todo = append(todo, g.Tasks[i].Needs...)
		}
	}
	return false
}

// maxID keeps an ID usable as a file name (with its slashes escaped).
const maxID = 200

// checkID admits names that people can type and that are safe as paths: slash
// separated, each part of letters, digits and ._+@=~- and not starting with a
// dash or being made of dots.
func checkID(id string) error {
	if id == "" {
		return errors.New("has no name")
	}
	if len(id) > maxID {
		return fmt.Errorf("name of %d bytes: want at most %d", len(id), maxID)
	}
	for part := range strings.SplitSeq(id, "/") {
		if part == "" || part[0] == '-' || strings.Trim(part, ".") == "" {
			return fmt.Errorf("name part %q: want it neither empty, nor dots, nor starting with a dash", part)
		}
		for _, r := range part {
			if !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._+@=~-", r)) {
				return fmt.Errorf("name part %q: want letters, digits and ._+@=~-, not %q", part, r)
			}
		}
	}
	return nil
}

// Versions are the versions of the kinds that a graph uses. They are kept with
// the graph, so that keys can be told without the functions at hand.
func (g Graph) Versions(kinds Registry) map[string]int {
	v := map[string]int{KindGate: 1}
	for _, t := range g.Tasks {
		if k, ok := kinds[t.Kind]; ok {
			v[t.Kind] = k.Version
		}
	}
	return v
}

// Digest names the graph together with the versions of its kinds.
func (g Graph) Digest(versions map[string]int) string {
	b, err := json.Marshal(struct {
		Graph    Graph          `json:"graph"`
		Versions map[string]int `json:"versions"`
	}{g, versions})
	if err != nil {
		panic(err) // strings, integers and checked JSON always marshal
	}
	return digest(b)
}
