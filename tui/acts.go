package tui

import (
	tea "charm.land/bubbletea/v2"

	"slipway/release/engine"
)

func (m *Model) togglePause() tea.Cmd {
	if m.snap == nil {
		return nil
	}
	if m.snap.Run.Halt != nil {
		return m.send(engine.Command{Verb: "resume"})
	}
	m.dialog = &confirm{
		what: "PAUSE  " + m.run, opened: m.env.Now().Add(-deaf), // undone by one key
		text: []string{"Nothing new starts; what runs ends in peace. The same key goes on."},
		args: []string{"pause", m.run},
		act:  func(m *Model, _ string) tea.Cmd { return m.send(engine.Command{Verb: "pause"}) },
	}
	return nil
}

func (m *Model) cancelDialog(selection string) dialog {
	return &confirm{
		what: "CANCEL  " + selection, opened: m.env.Now(),
		text: []string{"The tasks are stopped, and what needs them is blocked.", "A retry brings them back."},
		args: []string{"task", "cancel", m.run, selection}, reason: true,
		act: func(m *Model, reason string) tea.Cmd {
			return m.send(engine.Command{Verb: "cancel", Select: selection, Reason: reason})
		},
	}
}

// stopDialog halts a candidate. Stopping must be easy, but never by mistake.
func (m *Model) stopDialog() dialog {
	if m.snap == nil {
		return nil
	}
	if isOver(m.snap.Run.Standing) {
		m.say(warn, m.run+" is "+string(m.snap.Run.Standing)+": there is nothing to stop")
		return nil
	}
	version := m.snap.Run.Version
	return &confirm{
		what: "ALL STOP  " + m.run, opened: m.env.Now(), want: version, reason: true,
		text: []string{
			"The candidate is halted: nothing new starts, and what runs is stopped.",
			"What is already public stays public. Only \"resume\" moves it again.",
		},
		args: []string{"stop", m.run, "--confirm", version},
		act: func(m *Model, reason string) tea.Cmd {
			return m.send(engine.Command{Verb: "stop", Reason: reason})
		},
	}
}

// quitMenu offers the ways out that differ; those that halt a release only
// where one is looked at.
func quitMenu(m *Model) dialog {
	items := []item{{"d", "detach: close the console, the engine goes on", []string{"status"}, func(m *Model) tea.Cmd { return m.leave() }}}
	if m.snap != nil {
		items = append(items,
			item{"p", "pause or resume the release, and stay", []string{"pause", m.run}, func(m *Model) tea.Cmd { return m.togglePause() }},
			item{"s", "all stop...", []string{"stop", m.run}, func(m *Model) tea.Cmd { m.dialog = m.stopDialog(); return nil }})
	}
	return &menu{what: "QUIT", items: items}
}
