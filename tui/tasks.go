package tui

import (
	"slices"
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
	around string // only this task, what it needs and what needs it; empty: all
	marked map[string]bool

	// The rows are found again only when query or snapshot changed.
	rows  []int
	forQ  string
	forS  *engine.Snapshot
	wrong error
}

func (*tasksScreen) name() screenName { return screenTasks }
func (*tasksScreen) keys(*Model) []act {
	return []act{actOpen, actMark, actRetry, actCancel, actDeps, actNextFail, actCopy}
}
func (t *tasksScreen) filter() string     { return t.query }
func (t *tasksScreen) setFilter(s string) { t.query, t.at = s, 0 }
func (t *tasksScreen) command(m *Model) []string {
	if t.around != "" {
		return []string{"task", "show", m.run, t.around}
	}
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
	near := t.neighbours(m.snap)
	for i := range m.snap.Tasks {
		v := &m.snap.Tasks[i]
		if (near == nil || near[v.ID]) && sel.Picks(*v.Task, v.State, v.Trouble.Class) {
			t.rows = append(t.rows, i)
		}
	}
	return t.rows
}

// neighbours are the tasks around one, nil when all are listed.
func (t *tasksScreen) neighbours(s *engine.Snapshot) map[string]bool {
	if t.around == "" {
		return nil
	}
	near := map[string]bool{t.around: true}
	for i := range s.Tasks {
		switch v := &s.Tasks[i]; {
		case v.ID == t.around:
			for _, need := range v.Needs {
				near[need] = true
			}
		case slices.Contains(v.Needs, t.around):
			near[v.ID] = true
		}
	}
	return near
}

func (t *tasksScreen) copyables(m *Model) []copyable {
	rows := t.find(m)
	var names []string
	for _, i := range rows {
		names = append(names, m.snap.Tasks[i].ID)
	}
	if t.at >= len(rows) {
		return nil
	}
	v := m.snap.Tasks[rows[t.at]]
	return []copyable{{"n", "name", v.ID}, {"a", "all names", strings.Join(names, "\n")}, {"h", "key", v.Key}, {"e", "cause", v.Trouble.Cause}}
}

// openTask shows one task; a gate is where people sign.
func (m *Model) openTask(id string) tea.Cmd {
	for i, g := range m.snap.Gates {
		if g.Task == id {
			return m.push(&gatesScreen{list: list{at: i}})
		}
	}
	return m.push(&taskScreen{id: id})
}

func (t *tasksScreen) do(m *Model, a act) tea.Cmd {
	rows := t.find(m)
	if t.move(a, len(rows), m.h-8) {
		return nil
	}
	switch a {
	case actOpen:
		if t.at < len(rows) {
			return m.openTask(m.snap.Tasks[rows[t.at]].ID)
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
	case actDeps:
		if t.at < len(rows) {
			return m.push(&tasksScreen{around: m.snap.Tasks[rows[t.at]].ID})
		}
	case actRetry, actCancel:
		otherwise := ""
		if a == actRetry {
			otherwise = t.failed()
		}
		switch sel := t.selection(m, rows, otherwise); {
		case sel == "":
			m.say(warn, "no task here")
		case a == actRetry:
			return m.retry(sel)
		default:
			m.dialog = m.cancelDialog(sel)
		}
	case actNextFail, actPrevFail:
		t.at = nextFailed(m, rows, t.at, a)
	}
	return nil
}

// failed picks what failed among the rows.
func (t *tasksScreen) failed() string {
	if t.around != "" {
		return "" // no query says what stands around a task: the row then
	}
	return "state:failed " + t.query
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
