package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"slipway/release/engine"
)

const (
	// actionTime bounds one action; an engine answers in a moment.
	actionTime = 30 * time.Second
	// verbTime bounds one of our verbs: a halt uploads the answers to the servers.
	verbTime = time.Hour
)

// doneMsg is how an action ended.
type doneMsg struct {
	what string
	said string
	err  error
	open string // a release to open
}

func (m *Model) done(msg doneMsg) tea.Cmd {
	if z, ok := m.top().(*wizard); ok {
		z.begun = false
	}
	if msg.err != nil {
		m.say(bad, msg.what+": "+msg.err.Error())
		return nil
	}
	said := msg.said
	if said == "" {
		said = "done"
	}
	m.say(good, msg.what+": "+said)
	if msg.open != "" {
		m.enter(msg.open)
	}
	return m.poll()
}

// send hands a command to the engine, unless the console only looks.
func (m *Model) send(cmd engine.Command) tea.Cmd {
	if m.env.ReadOnly {
		m.say(warn, "read-only: "+cmd.Verb+" was not sent")
		return nil
	}
	if cmd.Run == "" {
		cmd.Run = m.run
	}
	cmd.By = m.env.User
	return m.away(cmd.Verb, actionTime, func(ctx context.Context, src Source) (string, error) { return src.Send(ctx, cmd) })
}

// exec runs one of our verbs and shows how it ended.
func (m *Model) exec(args ...string) tea.Cmd {
	if m.env.ReadOnly {
		m.say(warn, "read-only: slipway "+args[0]+" was not run")
		return nil
	}
	m.say(quiet, "slipway "+args[0]+" is at work")
	return m.away("slipway "+args[0], verbTime, func(ctx context.Context, src Source) (string, error) { return src.Exec(ctx, args) })
}

// away does something beside the model and shows how it ended.
func (m *Model) away(what string, most time.Duration, do func(ctx context.Context, src Source) (said string, err error)) tea.Cmd {
	src := m.src
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), most)
		defer cancel()
		said, err := do(ctx, src)
		return doneMsg{what: what, said: said, err: err}
	}
}
