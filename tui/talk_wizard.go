package tui

import (
	"slices"
	"strings"
)

// newRelease asks what the form asks, field by field, and plans as it does.
func (t *Talk) newRelease() error {
	if t.m.env.ReadOnly {
		t.say("Refused: read-only: no release can be started")
		return nil
	}
	t.run(t.m.newRelease())
	z, ok := t.m.top().(*wizard)
	if !ok {
		return nil
	}
	defer t.m.back()
	defer z.leave()
	if z.fault != "" {
		t.say("Refused: %s", z.fault)
		return nil
	}
	if err := t.fill(z); err != nil {
		return err
	}
	t.run(z.plan(t.m))
	if z.fault != "" {
		t.say("Refused: %s", z.fault)
		return nil
	}
	for _, line := range z.preview.Lines {
		t.say("Plan: %s", line)
	}
	for _, s := range z.preview.Stages {
		t.say("Stage %s: %s", s.Name, plural(s.Tasks, "task"))
	}
	t.say("Total: %s", z.total())
	for _, d := range z.preview.Differences {
		t.say("Other than %s: %s", z.preview.Since, d)
	}
	for _, p := range z.preview.Problems {
		t.say("Problem: %s", p)
	}
	for _, line := range strings.Split(z.preview.Mail, "\n") {
		t.say("Mail: %s", line)
	}
	typed, err := t.ask("Type the version, " + z.version + ", to go to build; anything else does nothing")
	if err != nil {
		return err
	}
	z.step, z.typed = stepReview, typed
	cmd := z.next(t.m)
	if z.note != "" {
		t.say("Not started: %s", z.note)
		return nil
	}
	t.run(cmd)
	return nil
}

// fill asks for the draft; an empty answer keeps what is proposed.
func (t *Talk) fill(z *wizard) error {
	keep := func(label string, value *string) error {
		answer, err := t.ask(label + ", empty for " + *value)
		if answer != "" {
			*value = answer
		}
		return err
	}
	if err := keep("Version", &z.version); err != nil {
		return err
	}
	if err := keep("Build number", &z.build); err != nil {
		return err
	}
	for _, name := range z.suggest.Repositories {
		for _, c := range z.suggest.Recent[name] {
			t.say("Commit of %s: %s by %s, %s: %s", name, c.Revision, c.Author, c.When, c.Subject)
		}
		rev := z.revisions[name]
		if err := keep("Revision of "+name, &rev); err != nil {
			return err
		}
		z.revisions[name] = rev
	}
	choose := func(label string, value *string, of ...string) error {
		for {
			answer := *value
			if err := keep(label+", "+strings.Join(of, " or "), &answer); err != nil {
				return err
			}
			if slices.Contains(of, answer) {
				*value = answer
				return nil
			}
			t.say("Not understood: %s", answer)
		}
	}
	urgency := "routine"
	if err := choose("Urgency", &urgency, "routine", "chemspill"); err != nil {
		return err
	}
	z.chemspill = urgency == "chemspill"
	for _, v := range z.suggest.Priors {
		yes := map[bool]string{true: "yes", false: "no"}[z.chosen[v]]
		if err := choose("Partials from "+v, &yes, "yes", "no"); err != nil {
			return err
		}
		z.chosen[v] = yes == "yes"
	}
	return nil
}
