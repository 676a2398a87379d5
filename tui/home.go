package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// home is the list of releases, with what needs a person.
type home struct {
	list
	query string
}

func (*home) name() screenName { return screenHome }
func (*home) keys() []act      { return []act{actOpen, actNew, actApprove, actFails} }

func (h *home) filter() string     { return h.query }
func (h *home) setFilter(s string) { h.query, h.at = s, 0 }

func (h *home) command(*Model) []string { return []string{"ls"} }

// rows are the runs that match the filter, those that need somebody first.
func (h *home) rows(m *Model) []engine.Run {
	var urgent, rest []engine.Run
	for _, r := range m.runs {
		text := r.ID + " " + r.Channel + " " + string(r.Standing)
		if !strings.Contains(strings.ToLower(text), strings.ToLower(h.query)) {
			continue
		}
		if r.Counts.Held > 0 || r.Counts.Failed > 0 {
			urgent = append(urgent, r)
		} else {
			rest = append(rest, r)
		}
	}
	return append(urgent, rest...)
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
	}
	return nil
}

func (h *home) body(m *Model, w, height int) []string {
	if m.loaded && len(m.runs) == 0 {
		return m.welcome()
	}
	l := m.look
	rows := h.rows(m)
	lines := []string{""}
	if h.query != "" {
		lines[0] = " / filter: " + l.safe(h.query)
	}
	wide := w >= 100
	title := fmt.Sprintf("  %-27s %-11s %-25s %4s", "RELEASE", "STATE", "PROGRESS", "FAIL")
	if wide {
		title = fmt.Sprintf("  %-32s %-10s %-11s %-30s %5s %6s  %s", "RELEASE", "CHANNEL", "STATE", "PROGRESS", "FAIL", "GATES", "STARTED BY")
	}
	lines = append(lines, l.paint(head, title))
	needs := h.attention(m, rows)
	from, to := h.window(len(rows), height-len(lines)-len(needs)-1)
	for i := from; i < to; i++ {
		lines = append(lines, h.row(m, rows[i], i == h.at, wide))
	}
	return append(append(lines, ""), needs...)
}

func (h *home) row(m *Model, r engine.Run, here, wide bool) string {
	l, s := m.look, standings[r.Standing]
	percent := 0
	if n := r.Counts.Total(); n > 0 {
		percent = r.Counts.Passed * 100 / n
	}
	name := l.safe(fmt.Sprintf("%s %s build%d", r.Product, r.Version, r.Build))
	state := l.paint(s.tone, l.pick(s.glyph, s.ascii)+" "+l.fit(strings.ToLower(s.word), 9))
	var line string
	if wide {
		line = fmt.Sprintf("%s %s %s %s %s %3d%% %5d %6d  %s", pointer(here), l.fit(name, 32), l.fit(l.safe(r.Channel), 10), state,
			l.bar(r.Counts.Passed, r.Counts.Total(), 25), percent, r.Counts.Failed, r.Counts.Held,
			r.Began.UTC().Format("Jan 02 15:04Z")+" "+l.safe(r.By))
	} else {
		line = fmt.Sprintf("%s %s %s %s %3d%% %4d", pointer(here), l.fit(name, 27), state, l.bar(r.Counts.Passed, r.Counts.Total(), 20), percent, r.Counts.Failed)
	}
	if here {
		return l.style(head).Render(line)
	}
	return line
}

// attention lists what waits for a person, by release.
func (h *home) attention(m *Model, rows []engine.Run) []string {
	l := m.look
	var lines []string
	for _, r := range rows {
		if r.Counts.Held > 0 {
			lines = append(lines, fmt.Sprintf(" %s %-28s %s waiting for people", l.glyph(pipeline.Held), l.safe(r.ID), plural(r.Counts.Held, "gate")))
		}
		if r.Counts.Failed > 0 {
			lines = append(lines, fmt.Sprintf(" %s %-28s %s failed", l.glyph(pipeline.Failed), l.safe(r.ID), plural(r.Counts.Failed, "task")))
		}
		if r.Halt != nil {
			lines = append(lines, fmt.Sprintf(" %s %-28s %s by %s", l.paint(warn, "!"), l.safe(r.ID), haltWord(r.Halt.Verb), l.safe(r.Halt.String())))
		}
	}
	if len(lines) > 8 {
		lines = append(lines[:7], fmt.Sprintf("   and %d more", len(lines)-7))
	}
	if len(lines) > 0 {
		lines = append([]string{l.paint(head, " NEEDS ATTENTION")}, lines...)
	}
	return lines
}

func haltWord(verb string) string {
	if verb == "stop" {
		return "stopped"
	}
	return "paused"
}
