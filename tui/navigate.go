package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// escape undoes the latest thing: a retry on its way, a filter, a screen.
func (m *Model) escape() {
	if m.takeBack() {
		return
	}
	if f, ok := m.top().(filterable); ok && f.filter() != "" {
		f.setFilter("")
		return
	}
	m.back()
}

// open shows a side screen of the release; the same key again goes back.
func (m *Model) open(a act) tea.Cmd {
	s := sideScreen(a)
	if t, ok := m.top().(*tasksScreen); ok && a == actRunning && t.query != "state:running" {
		t.setFilter("state:running")
		return nil
	}
	if s.name() == m.top().name() {
		m.back()
		return nil
	}
	return m.push(s)
}

// sideScreen is the screen that an act opens; nil for all others.
func sideScreen(a act) screen {
	switch a {
	case actTasks:
		return &tasksScreen{}
	case actRunning:
		return &tasksScreen{query: "state:running"}
	case actFails:
		return &failsScreen{}
	case actForecast:
		return &forecastScreen{}
	case actUpdates:
		return &updatesScreen{}
	case actSigning:
		return &signingScreen{}
	case actRollout:
		return &rolloutScreen{}
	case actMails:
		return &mailsScreen{}
	case actHistory:
		return &historyScreen{}
	}
	return nil
}

// nextRun goes to the board of the next release that is not over, or of any
// where all are.
func (m *Model) nextRun() tea.Cmd {
	at := slices.IndexFunc(m.runs, func(r engine.Run) bool { return r.ID == m.run })
	for _, over := range []bool{false, true} {
		for i := range m.runs {
			r := m.runs[(at+1+i)%len(m.runs)]
			if r.ID != m.run && isOver(r.Standing) == over {
				m.enter(r.ID)
				return m.poll()
			}
		}
	}
	m.say(quiet, "there is no other release")
	return nil
}

// enterFirst opens scr of the first release, not over, whose counts say so.
func (m *Model) enterFirst(has func(pipeline.Counts) bool, scr screen, none string) tea.Cmd {
	for _, r := range m.runs {
		if has(r.Counts) && !isOver(r.Standing) {
			m.enter(r.ID)
			return m.push(scr)
		}
	}
	m.say(quiet, none)
	return nil
}
