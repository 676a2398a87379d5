package tui

import (
	"fmt"

	"slipway/release/engine"
)

func (t *tasksScreen) body(m *Model, w, h int) []string {
	if m.snap == nil {
		return nil
	}
	l, rows := m.look, t.find(m)
	title := " / " + l.safe(t.query)
	if t.query == "" {
		title = " / filter: text, glob, or state:failed platform:win64 locale:de"
	}
	if t.around != "" {
		title = " around " + l.safe(t.around) + ": above it what it needs, below what needs it"
		if t.query != "" {
			title += "   / " + l.safe(t.query)
		}
	}
	if t.wrong != nil {
		title += "   " + l.paint(warn, "! "+l.safe(t.wrong.Error()))
	}
	lines := []string{l.ends(title, fmt.Sprintf("%d of %d tasks", len(rows), len(m.snap.Tasks)), w)}
	idWidth := min(46, max(24, w-50))
	lines = append(lines, l.paint(head, "    "+l.fit("TASK", idWidth)+"  STATE      TOOK    USUAL  WHY"))
	from, to := t.window(len(rows), h-len(lines))
	for i := from; i < to; i++ {
		lines = append(lines, t.row(m, &m.snap.Tasks[rows[i]], i == t.at, idWidth, w))
	}
	return lines
}

func (t *tasksScreen) row(m *Model, v *engine.TaskView, here bool, idWidth, w int) string {
	l := m.look
	mark := " "
	if t.marked[v.ID] {
		mark = "*"
	}
	took, usual := "-", "-"
	if d := v.Took(m.snap.At); d > 0 {
		took = spell(d)
	}
	if v.Usual > 0 {
		usual = spell(v.Usual)
	}
	why := v.Trouble.Cause
	if v.Cached {
		why = "found by key"
	}
	id := l.fit(l.safe(v.ID), idWidth)
	if here {
		id = l.paint(head, id)
	}
	return l.fit(fmt.Sprintf("%s%s %s %s %s %s %8s  %s", pointer(here), mark, l.glyph(v.State), id,
		l.fit(markOf(v.State).word, 6), l.right(took, 8), usual, l.safe(why)), w)
}
