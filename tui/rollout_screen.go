package tui

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"slipway/release"
	"slipway/release/engine"
	"slipway/release/pipeline"
)

// RolloutFacts are what clients read of a staged rollout.
type RolloutFacts struct {
	Channels []release.RolloutState
	Problem  string // why it cannot be told; empty when it can
}

// rolloutScreen is how far a release is on its way to users, share by share.
type rolloutScreen struct {
	list
	moved bool // until then the cursor is on the share that waits
}

func (*rolloutScreen) name() screenName          { return screenRollout }
func (*rolloutScreen) ask(m *Model) question     { return askFacts(m) }
func (*rolloutScreen) keys(*Model) []act         { return []act{actOpen, actHalt, actHistory} }
func (*rolloutScreen) command(m *Model) []string { return []string{"rollout", "show", m.run} }

// share is one step of a rollout, its task and its gate.
type share struct {
	percent int
	task    engine.TaskView
	gate    engine.GateView
}

// state is that of the step: its gate's while people are waited for.
func (s share) state() pipeline.State {
	if s.gate.State == pipeline.Held || s.gate.State == pipeline.Failed {
		return s.gate.State
	}
	return s.task.State
}

// shares are the steps in which a release is offered: one, everybody, where it
// has no rollout, and none where no client is ever told.
func shares(s *engine.Snapshot) []share {
	if s == nil {
		return nil
	}
	var all []share
	for _, t := range s.Tasks {
		var args struct {
			Share int `json:"share"`
		}
		switch {
		case t.Kind == "publish-snippets" && t.Stage == "ship":
			args.Share = 100
		case t.Kind != "rollout" || json.Unmarshal(t.Args, &args) != nil:
			continue
		}
		x := share{percent: args.Share, task: t}
		for _, g := range s.Gates {
			if slices.Contains(t.Needs, g.Task) {
				x.gate = g
			}
		}
		all = append(all, x)
	}
	return all
}

func (r *rolloutScreen) do(m *Model, a act) tea.Cmd {
	steps := shares(m.snap)
	r.place(steps)
	if r.move(a, len(steps), 10) || r.at >= len(steps) {
		r.moved = true
		return nil
	}
	switch a {
	case actOpen:
		if gate := steps[r.at].gate; gate.State == pipeline.Held {
			m.dialog = newApproval(m, gate, false)
		} else {
			m.say(warn, fmt.Sprintf("%d %% does not wait for anybody: %s", steps[r.at].percent, markOf(steps[r.at].state()).word))
		}
	case actHalt:
		m.dialog = m.haltDialog(steps)
	}
	return nil
}

// place puts the cursor on what somebody came for.
func (r *rolloutScreen) place(steps []share) {
	if !r.moved {
		r.at = slices.IndexFunc(steps, func(s share) bool { return s.state() == pipeline.Held })
	}
	r.clamp(len(steps))
}

// haltDialog halts the rollout, or lifts a halt. Stopping asks for a reason and
// no more; taking a release from everybody, and going on, want the version typed.
func (m *Model) haltDialog(steps []share) dialog {
	if steps[0].task.State != pipeline.Passed {
		m.say(warn, "nobody is offered it yet: there is nothing to halt")
		return nil
	}
	version := m.snap.Run.Version
	verb := func(args ...string) func(m *Model, reason string) tea.Cmd {
		return func(m *Model, reason string) tea.Cmd {
			return m.exec(append(args, "--by", m.env.User, "--reason", reason)...)
		}
	}
	if e, halted := m.halted(); halted {
		args := []string{"rollout", "resume", m.run}
		return &confirm{
			what: "RESUME THE ROLLOUT  " + m.run, opened: m.env.Now(), want: version, reason: true, args: args, act: verb(args...),
			text: []string{"Halted " + m.look.safe(e) + ".", "Whoever was offered the release is offered it again."},
		}
	}
	args := []string{"rollout", "halt", m.run, "--confirm", version}
	if steps[len(steps)-1].task.State == pipeline.Passed {
		return &confirm{
			what: "TAKE THE RELEASE BACK  " + m.run, opened: m.env.Now(), want: version, reason: true, args: args, act: verb(args...),
			text: []string{
				"Nobody is offered it any more, who asks by hand neither: clients are told of nothing newer.",
				"Who has the update keeps it, and packages stay. Resuming offers it again.",
			},
		}
	}
	return &confirm{
		what: "HALT THE ROLLOUT  " + m.run, opened: m.env.Now(), reason: true, args: args, act: verb(args...),
		text: []string{"Everybody is told at once what the release before told, who asks by hand too.", "Who has the update keeps it. Resuming offers it again."},
	}
}

// halted tells who halted the rollout: by what clients read, or, until that was
// asked, by the journal.
func (m *Model) halted() (string, bool) {
	for _, c := range m.facts.Rollout.Channels {
		if c.Halt != nil {
			return c.Halt.String(), true
		}
	}
	if h := m.snap.Run.RolloutHalt; h != nil {
		return fmt.Sprintf("by %s at %s: %s", h.By, h.At.UTC().Format(time.DateTime+"Z"), h.Reason), true
	}
	return "", false
}
