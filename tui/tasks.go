package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// tasksScreen lists the tasks that a query picks. The query language is the
// command line's: words, globs, state:failed, platform:win64.
type tasksScreen struct {
	list
	query  string
	marked map[string]bool

	// The rows are found again only when query or snapshot changed.
	rows  []int
	forQ  string
	forS  *engine.Snapshot
	wrong error
}

func (*tasksScreen) name() screenName     { return screenTasks }
func (*tasksScreen) keys() []act          { return []act{actOpen, actMark, actRetry, actCancel, actNextFail} }
func (t *tasksScreen) filter() string     { return t.query }
func (t *tasksScreen) setFilter(s string) { t.query, t.at = s, 0 }
func (t *tasksScreen) command(m *Model) []string {
	args := []string{"task", "ls", m.run}
	if t.query != "" {
		args = append(args, strings.Fields(t.query)...)
	}
	return args
}

// find returns the indexes of the picked tasks.
func (t *tasksScreen) find(m *Model) []int {
	if m.snap == nil {
		return nil
	}
	if t.forS == m.snap && t.forQ == t.query {
		return t.rows
	}
	t.forS, t.forQ = m.snap, t.query
	sel, err := pipeline.Select(t.query)
	if t.wrong = err; err != nil {
		return t.rows // what was picked before stays in sight while a word is half typed
	}
	t.rows = t.rows[:0]
	for i := range m.snap.Tasks {
		if v := &m.snap.Tasks[i]; sel.Picks(*v.Task, v.State, v.Trouble.Class) {
			t.rows = append(t.rows, i)
		}
	}
	return t.rows
}

func (t *tasksScreen) do(m *Model, a act) tea.Cmd {
	rows := t.find(m)
	if t.move(a, len(rows), m.h-8) {
		return nil
	}
	switch a {
	case actOpen:
		if t.at < len(rows) {
			return m.openTask(rows[t.at])
		}
	case actMark:
		if t.at < len(rows) {
			if t.marked == nil {
				t.marked = map[string]bool{}
			}
			id := m.snap.Tasks[rows[t.at]].ID
			t.marked[id] = !t.marked[id]
			t.at = min(t.at+1, len(rows)-1)
		}
	case actRetry:
		return m.retry(t.selection(m, rows, "state:failed "+t.query))
	case actCancel:
		m.dialog = m.cancelDialog(t.selection(m, rows, ""))
	case actNextFail, actPrevFail:
		t.at = nextFailed(m, rows, t.at, a)
	}
	return nil
}

// selection is what an action applies to: the marked tasks, else the whole of
// otherwise, else the row.
func (t *tasksScreen) selection(m *Model, rows []int, otherwise string) string {
	var ids []string
	for _, i := range rows {
		if id := m.snap.Tasks[i].ID; t.marked[id] {
			ids = append(ids, id)
		}
	}
	switch {
	case len(ids) > 0:
		return "id:" + strings.Join(ids, ",")
	case otherwise != "":
		return strings.TrimSpace(otherwise)
	case t.at < len(rows):
		return "id:" + m.snap.Tasks[rows[t.at]].ID
	}
	return ""
}

func nextFailed(m *Model, rows []int, at int, a act) int {
	step := 1
	if a == actPrevFail {
		step = -1
	}
	for i := at + step; i >= 0 && i < len(rows); i += step {
		if m.snap.Tasks[rows[i]].State == pipeline.Failed {
			return i
		}
	}
	return at
}

func (t *tasksScreen) body(m *Model, w, h int) []string {
	if m.snap == nil {
		return nil
	}
	l, rows := m.look, t.find(m)
	title := fmt.Sprintf(" / %s", t.query)
	if t.query == "" {
		title = " / filter: text, glob, or state:failed platform:win64 locale:de"
	}
	if t.wrong != nil {
		title += "   " + l.paint(warn, "! "+t.wrong.Error())
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
	line := fmt.Sprintf("%s%s %s %s %s %s %8s", pointer(here), mark, l.glyph(v.State), l.fit(l.safe(v.ID), idWidth),
		l.fit(markOf(v.State).word, 6), l.right(took, 8), usual) + "  " + l.safe(why)
	line = l.fit(line, w)
	if here {
		return l.style(head).Render(line)
	}
	return line
}
