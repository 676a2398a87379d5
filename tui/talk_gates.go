package tui

import (
	"strconv"
	"strings"

	"slipway/release/engine"
)

// sign asks for role, reason and version, and hands them to the same dialog
// that the screens have.
func (t *Talk) sign(g engine.GateView, reject bool) error {
	checked, opens := evidence(t.m.snap, g.Task, t.m.look)
	t.say("Gate: %s. Question: %s", g.Gate.Name, g.Gate.Question)
	t.say("Guards: %s", g.Key)
	t.say("Behind it: %s", strings.Join(checked, ", "))
	t.say("Opens: %s", opens)
	a := &approval{gate: g, run: t.m.snap.Run, reject: reject}
	names := roles(g.Gate)
	for i, name := range names {
		t.say("%d: as %s", i+1, name)
	}
	for len(names) > 1 {
		n, err := t.ask("Number of your role")
		if err != nil {
			return err
		}
		if i, err := strconv.Atoi(n); err == nil && i >= 1 && i <= len(names) {
			a.role = i - 1
			break
		}
	}
	var err error
	if a.reason, err = t.ask("Reason, for the history"); err != nil {
		return err
	}
	if a.typed, err = t.ask("Type the version, " + t.m.snap.Run.Version + ", to sign; anything else does nothing"); err != nil {
		return err
	}
	if err := t.look(); err != nil {
		return err
	}
	if a.watch(t.m); a.stale {
		t.say("Refused: %s", a.note)
		return nil
	}
	cmd := a.sign(t.m)
	if a.note != "" {
		t.say("Not signed: %s", a.note)
		return nil
	}
	return t.act(cmd)
}

// confirm asks what a dialog does, and answers it.
func (t *Talk) confirm(asked dialog) error {
	d, ok := asked.(*confirm)
	if !ok {
		return t.act(nil)
	}
	for _, line := range d.text {
		t.say("%s", line)
	}
	var err error
	if d.fields[0], err = t.ask("Reason, for the history; none does nothing"); err != nil {
		return err
	}
	if d.want != "" {
		if d.fields[1], err = t.ask("Type the version, " + d.want + ", to do it; anything else does nothing"); err != nil {
			return err
		}
	}
	cmd := d.answer(t.m)
	if d.note != "" {
		t.say("Not done: %s", d.note)
		return nil
	}
	return t.act(cmd)
}
