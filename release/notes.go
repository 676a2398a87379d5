package release

import (
	"encoding/json"
	"fmt"
)

// notes are what people should know of a MAR although it was made.
func (f marFacts) notes() []string {
	var notes []string
	for _, name := range f.Dropped {
		notes = append(notes, "a MAR holds no links, no empty directories and no manifests of earlier packaging; left out "+name)
	}
	if f.Exceeds > 0 {
		notes = append(notes, "the partial is larger than the complete: of no use to anybody")
	}
	return notes
}

// Noted tells whether tasks of a kind may leave notes.
func Noted(kind string) bool { return kind == "complete" || kind == "partial" }

// Notes are what people should know of a task that passed, of a kind that is
// noted. It is in the task's log too, which nobody reads of a task that passed.
// facts are its result's.
func Notes(kind string, facts json.RawMessage) ([]string, error) {
	var f marFacts
	if err := json.Unmarshal(facts, &f); err != nil {
		return nil, fmt.Errorf("facts of a %s: %w", kind, err)
	}
	return f.notes(), nil
}
