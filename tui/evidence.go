package tui

import (
	"fmt"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// evidence is what a gate stands on and what its opening sets free: all work
// behind it, counted by stage, and the tasks right after it, by their titles.
func evidence(s *engine.Snapshot, gate string, l Look) (behind []string, opens string) {
	at := make(map[string]int, len(s.Tasks))
	for i := range s.Tasks {
		at[s.Tasks[i].ID] = i
	}
	seen := map[string]bool{gate: true}
	counts := map[string]*pipeline.Counts{}
	todo := []string{gate}
	for len(todo) > 0 {
		i, ok := at[todo[0]]
		todo = todo[1:]
		if !ok {
			continue
		}
		for _, need := range s.Tasks[i].Needs {
			if j, ok := at[need]; ok && !seen[need] {
				seen[need] = true
				todo = append(todo, need)
				st := s.Tasks[j].Stage
				if counts[st] == nil {
					counts[st] = &pipeline.Counts{}
				}
				counts[st].Add(s.Tasks[j].State, 1)
			}
		}
	}
	named := map[string]bool{}
	for i := range s.Tasks {
		st := s.Tasks[i].Stage
		if c := counts[st]; c != nil && !named[st] {
			named[st] = true
			behind = append(behind, fmt.Sprintf("%s %s %d/%d", l.glyph(worst(*c)), l.safe(st), c.Passed, c.Total()))
		}
	}
	if len(behind) == 0 {
		behind = []string{"nothing ran yet: the plan alone"}
	}
	var titles []string
	for _, id := range dependents(s, gate) {
		titles = append(titles, s.Tasks[at[id]].Title)
	}
	return behind, l.safe(some(titles, 4))
}
