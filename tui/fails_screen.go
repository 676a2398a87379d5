package tui

import (
	"fmt"
	"strings"

	"slipway/release/pipeline"

	tea "charm.land/bubbletea/v2"
)

// failsScreen groups what failed by cause.
type failsScreen struct{ list }

func (*failsScreen) name() screenName  { return screenFails }
func (*failsScreen) keys(*Model) []act { return []act{actOpen, actRetry, actCopy} }
func (*failsScreen) command(m *Model) []string {
	return []string{"task", "ls", m.run, "state:failed"}
}

func (f *failsScreen) do(m *Model, a act) tea.Cmd {
	if m.snap == nil || f.move(a, len(m.snap.Causes), m.h-8) || f.at >= len(m.snap.Causes) {
		return nil
	}
	switch c := m.snap.Causes[f.at]; a {
	case actOpen:
		if len(c.Tasks) == 1 {
			return m.openTask(c.Tasks[0])
		}
		return m.push(&tasksScreen{query: "id:" + strings.Join(c.Tasks, ",")})
	case actRetry:
		return m.retry("id:" + strings.Join(c.Tasks, ","))
	}
	return nil
}

func (f *failsScreen) body(m *Model, w, h int) []string {
	if m.snap == nil {
		return nil
	}
	l := m.look
	if len(m.snap.Causes) == 0 {
		return []string{"", " nothing failed"}
	}
	lines := []string{"", l.paint(head, fmt.Sprintf("  %5s  %-8s %s", "TASKS", "CLASS", "CAUSE"))}
	from, to := f.window(len(m.snap.Causes), (h-4)/3)
	for i := from; i < to; i++ {
		c := m.snap.Causes[i]
		lines = append(lines,
			l.fit(fmt.Sprintf("%s %5d  %-8s %s", pointer(i == f.at), len(c.Tasks), c.Class, l.safe(c.Cause)), w),
			l.fit("                  "+l.safe(some(c.Tasks, 4)), w),
			l.fit("                  "+l.paint(quiet, remedy(c.Class, m.keys.key(actRetry))), w))
	}
	return append(lines, f.evidence(m, w, h-len(lines))...)
}

func (f *failsScreen) copyables(m *Model) []copyable {
	if m.snap == nil || f.at >= len(m.snap.Causes) {
		return nil
	}
	c := m.snap.Causes[f.at]
	return []copyable{{"e", "error", strings.TrimSpace(c.Text)}, {"c", "cause", c.Cause}, {"n", "names", strings.Join(c.Tasks, "\n")}}
}

// evidence is what the first task of the chosen cause said at its end.
func (f *failsScreen) evidence(m *Model, w, room int) []string {
	l, id := m.look, m.snap.Causes[f.at].Tasks[0]
	t := (&taskScreen{id: id}).view(m)
	if t == nil || t.Trouble.Text == "" || room < 4 {
		return nil
	}
	said := strings.Split(strings.TrimSpace(t.Trouble.Text), "\n")
	lines := []string{"", l.paint(head, l.fit(" EVIDENCE  "+l.safe(id)+"   enter: its log", w)), l.paint(quiet, strings.Repeat("-", w))}
	for _, line := range said[max(0, len(said)-(room-len(lines))):] {
		lines = append(lines, l.fit(" "+l.safe(line), w))
	}
	return lines
}

func (m *Model) openFails() tea.Cmd {
	if m.run == "" {
		return m.enterFirst(func(c pipeline.Counts) bool { return c.Failed > 0 }, &failsScreen{}, "nothing failed")
	}
	if m.top().name() == screenFails {
		return nil
	}
	return m.push(&failsScreen{})
}
