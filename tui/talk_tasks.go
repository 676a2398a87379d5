package tui

import (
	"errors"

	"slipway/release/pipeline"
)

// tasks lists what a filter picks, and shows one of them with its log.
func (t *Talk) tasks() error {
	query, err := t.ask("Filter, for example state:failed platform:win64")
	if err != nil {
		return err
	}
	sel, err := pipeline.Select(query)
	if err != nil {
		t.say("Not understood: %v", err)
		return nil
	}
	const most = 20 // as much as one listens to
	var list []choice
	picked := 0
	for i := range t.m.snap.Tasks {
		v := &t.m.snap.Tasks[i]
		if !sel.Picks(*v.Task, v.State, v.Trouble.Class) {
			continue
		}
		if picked++; picked <= most {
			list = append(list, choice{v.ID + ": " + markOf(v.State).word + " " + v.Trouble.Cause, func() error { return t.task(v.ID) }})
		}
	}
	t.say("Picked: %s", plural(picked, "task"))
	if picked > most {
		t.say("Only the first %d are told; a longer filter picks fewer.", most)
	}
	if err := t.choose("Tasks", list, "back"); !errors.Is(err, errBack) {
		return err
	}
	return nil
}

func (t *Talk) task(id string) error {
	s := &taskScreen{id: id}
	t.m.screens = append(t.m.screens, s)
	defer func() { t.m.screens = t.m.screens[:len(t.m.screens)-1] }()
	if err := t.look(); err != nil {
		return err
	}
	v := s.view(t.m)
	t.say("Task: %s. %s", v.ID, v.Title)
	t.say("State: %s, attempt %d, took %s", markOf(v.State).word, v.Attempt, spell(v.Took(t.m.snap.At)))
	if v.Trouble.Cause != "" {
		t.say("Cause: %s: %s", v.Trouble.Class, v.Trouble.Cause)
		t.say("Remedy: %s", remedy(v.Trouble.Class, "a retry"))
	}
	const tail = 20
	t.say("Log: %s, the last %d", plural(s.log.Total, "line"), min(tail, len(s.log.Lines)))
	for _, line := range s.log.Lines[max(0, len(s.log.Lines)-tail):] {
		t.say("Log line: %s", line)
	}
	if v.State != pipeline.Failed {
		return nil
	}
	err := t.choose("What now", []choice{{"retry this task", func() error { return t.act(t.m.send(retryOf("id:" + id))) }}}, "back")
	if errors.Is(err, errBack) {
		return nil
	}
	return err
}
