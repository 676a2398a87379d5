package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"slipway/release/pipeline"
)

// boardScreen is stages × platforms, then locale by locale, then what runs and
// what failed.
type boardScreen struct {
	list       // rows are stages
	col   int  // 0 is the whole row, then the platforms
	wide  bool // locale by locale takes the room below
	moved bool // by hand: until then the cursor follows the work
}

func (*boardScreen) name() screenName { return screenBoard }
func (*boardScreen) keys() []act {
	return []act{actOpen, actFails, actRetry, actTasks, actRunning, actForecast, actUpdates, actSigning, actMails, actHistory, actPause}
}
func (b *boardScreen) command(m *Model) []string { return []string{"status", m.run} }

func (b *boardScreen) do(m *Model, a act) tea.Cmd {
	if b.move(a, len(m.board.stages), 5) {
		b.moved = true
		return nil
	}
	switch a {
	case actLeft:
		b.col = max(0, b.col-1)
	case actRight:
		b.col = min(len(m.board.platforms), b.col+1)
	case actOpen:
		return m.push(&tasksScreen{query: b.query(m)})
	case actStage:
		b.at, b.moved = min(m.keys.nth(actStage, m.pressed), len(m.board.stages)-1), true
	case actLocales:
		b.wide = !b.wide
	case actRetry:
		return m.retry("state:failed " + b.query(m))
	case actNextFail:
		return m.openFails()
	}
	return nil
}

// query picks the tasks of the cell under the cursor.
func (b *boardScreen) query(m *Model) string {
	if b.at >= len(m.board.stages) {
		return ""
	}
	q := "stage:" + m.board.stages[b.at].name
	if b.col > 0 && b.col <= len(m.board.platforms) {
		q += " platform:" + m.board.platforms[b.col-1]
	}
	return q
}

func (b *boardScreen) body(m *Model, w, h int) []string {
	if m.snap == nil {
		return []string{"", " reading the journal of " + m.look.safe(m.run)}
	}
	if !b.moved {
		b.at = m.board.current()
	}
	b.clamp(len(m.board.stages))
	b.col = min(b.col, len(m.board.platforms))
	lines := b.grid(m, w)
	if b.wide {
		return append(lines, b.locales(m, w, h-len(lines))...)
	}
	// What failed stands before what runs: on a short screen the end is cut.
	failed := failures(m, w, 6)
	lines = append(lines, b.locales(m, w, h-len(lines)-min(4, len(failed)))...)
	lines = append(append(lines, failed...), b.running(m, w)...)
	lines = append(lines, gatesAhead(m, w)...)
	events := newest(m.snap.Events, 8)
	if room := h - len(lines) - 2; room > 2 && len(events) > 0 {
		lines = append(lines, "", m.look.paint(head, " RECENT"))
		for _, e := range events[:min(room, len(events))] {
			lines = append(lines, m.look.fit(" "+e.At.UTC().Format("15:04:05Z")+"  "+m.look.safe(eventLine(e)), w))
		}
	}
	return lines
}

// grid is the table of stages by platforms.
func (b *boardScreen) grid(m *Model, w int) []string {
	l := m.look
	const name, total = 13, 24
	cell := 0
	if n := len(m.board.platforms); n > 0 {
		cell = min(18, max(6, (w-name-total-2)/n))
	}
	head1 := l.fit(" STAGE", name)
	shown := 0
	for _, p := range m.board.platforms {
		if name+(shown+1)*cell+total > w {
			break // a narrow screen shows the total and what fits
		}
		head1 += l.fit(l.safe(p), cell)
		shown++
	}
	lines := []string{"", l.paint(head, head1+l.fit("TOTAL", total-10)+l.right("WORK LEFT", 9))}
	for i, s := range m.board.stages {
		row := l.fit(pointer(i == b.at)+l.safe(s.name), name)
		for c := range shown {
			text := b.cell(m, s.cells[c], cell >= 10)
			if i == b.at && b.col == c+1 {
				text = "[" + text + "]"
			}
			row += l.fit(text, cell)
		}
		text := b.cell(m, s.total, true)
		if i == b.at && b.col == 0 {
			text = "[" + text + "]"
		}
		row += l.fit(text, total-9) + l.right(leftWord(s), 8)
		lines = append(lines, row)
	}
	return lines
}

func leftWord(s stage) string {
	if s.total.Passed == s.total.Total() {
		return "done"
	}
	if s.left == 0 {
		return "-" // gates: people take the time they take
	}
	return spell(s.left)
}

// cell is one count: glyph of the worst, done of total, and failures.
func (b *boardScreen) cell(m *Model, c pipeline.Counts, full bool) string {
	n := c.Total()
	if n == 0 {
		return m.look.paint(quiet, "-")
	}
	state := worst(c)
	text := m.look.glyph(state)
	switch {
	case full:
		text += fmt.Sprintf(" %d/%d", c.Passed, n)
	case state == pipeline.Passed:
		text += fmt.Sprintf(" %d", n)
	case c.Passed > 0:
		text += fmt.Sprintf(" %d%%", c.Passed*100/n)
	}
	if c.Failed > 0 {
		text += fmt.Sprintf(" !%d", c.Failed)
	}
	return text
}
