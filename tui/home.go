package tui

import (
	tea "charm.land/bubbletea/v2"

	"slipway/release/engine"
)

// home is the list of releases, with what needs a person.
type home struct {
	list
	query string
}

func (*home) name() screenName  { return screenHome }
func (*home) keys(*Model) []act { return []act{actOpen, actNew, actApprove, actFails, actCopy} }

func (h *home) filter() string     { return h.query }
func (h *home) setFilter(s string) { h.query, h.at = s, 0 }

func (h *home) command(*Model) []string { return []string{"ls"} }

// rows are the runs that match the filter, those that need somebody first.
func (h *home) rows(m *Model) []engine.Run {
	var urgent, rest []engine.Run
	for _, r := range m.runs {
		if !holds(h.query, runField(r), func() string { return r.ID + " " + r.Channel }) {
			continue
		}
		if m.stillHalted(r) || !isOver(r.Standing) && r.Counts.Held+r.Counts.Failed > 0 {
			urgent = append(urgent, r)
		} else {
			rest = append(rest, r)
		}
	}
	return append(urgent, rest...)
}

// runField are the fields one can ask a run for.
func runField(r engine.Run) func(string) []string {
	return func(name string) []string {
		switch name {
		case "channel":
			return []string{r.Channel}
		case "product":
			return []string{r.Product}
		case "state":
			return []string{standings[r.Shown()].word, string(r.Shown())}
		case "by":
			return []string{r.By}
		}
		return nil
	}
}

func (h *home) copyables(m *Model) []copyable {
	rows := h.rows(m)
	if h.at >= len(rows) {
		return nil
	}
	r := rows[h.at]
	return []copyable{{"n", "name", r.ID}, {"p", "plan", r.Plan}, {"f", "its file", r.Origin}}
}

func (h *home) do(m *Model, a act) tea.Cmd {
	rows := h.rows(m)
	if h.move(a, len(rows), m.h-8) {
		return nil
	}
	switch a {
	case actOpen:
		if h.at < len(rows) {
			m.enter(rows[h.at].ID)
			return m.poll()
		}
		if len(m.runs) == 0 {
			return m.firstStep()
		}
	case actNew:
		return m.newRelease()
	case actInit:
		if m.env.Product.Config != "" {
			m.say(quiet, "there is a slipway.yaml already: "+m.env.Product.Config)
			return nil
		}
		m.nameProduct()
	}
	return nil
}
