package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"slipway/release/pipeline"
)

// title names what is looked at for the window list: state, version, percent.
func (m *Model) title() string {
	if m.snap == nil || m.run == "" {
		return "slipway"
	}
	return fmt.Sprintf("%s %sb%d %d%%", m.look.sign(standings[m.snap.Run.Shown()]),
		m.look.safe(m.snap.Run.Version), m.snap.Run.Build, m.board.percent())
}

func (m *Model) progress() *tea.ProgressBar {
	state := tea.ProgressBarDefault
	if m.snap.Counts.Failed > 0 {
		state = tea.ProgressBarError
	}
	return tea.NewProgressBar(state, m.board.percent())
}

// notice rings once for each turn that wants a person: a gate that opened to
// them, the first failure of a stage, the end. Never while they look; where
// the terminal does not tell, a bell too many is better than none.
func (m *Model) notice() tea.Cmd {
	if m.snap == nil {
		return nil
	}
	first := !m.noticed[m.run] // what stood already when one came is no news
	m.noticed[m.run] = true
	var news []string
	once := func(key, text string) {
		if !m.noticed[m.run+"\x00"+key] {
			m.noticed[m.run+"\x00"+key] = true
			news = append(news, text)
		}
	}
	for _, g := range m.snap.Gates {
		if g.State == pipeline.Held {
			once("gate "+g.Task+g.Key, m.run+" waits at "+g.Gate.Name)
		}
	}
	for _, s := range m.board.stages {
		if s.total.Failed > 0 {
			once("failed "+s.name, m.run+": a task of "+s.name+" failed")
		}
	}
	if m.snap.Run.Standing == pipeline.Done {
		once("done", m.run+" is done")
	}
	if len(news) == 0 || first || m.focus == focusIn {
		return nil
	}
	return tea.Raw("\a" + m.desktopNotice(news[0]))
}

// desktopNotice is OSC 9. Inside tmux it is wrapped, and tmux shows it only
// where allow-passthrough is on; GNU screen would print it. The bell always
// works.
func (m *Model) desktopNotice(s string) string {
	osc := ansi.Notify(m.look.safe(s))
	switch {
	case m.env.Screen:
		return ""
	case m.env.Tmux:
		return ansi.TmuxPassthrough(osc)
	}
	return osc
}
