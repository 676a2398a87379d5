package tui

import (
	tea "charm.land/bubbletea/v2"
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
func (*boardScreen) keys(*Model) []act {
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
	case actNextFail, actPrevFail:
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
	lines := b.grid(m, w, h)
	if b.wide {
		return append(lines, b.locales(m, w, h-len(lines))...)
	}
	// What failed stands before what runs: on a short screen the end is cut.
	failed := failures(m, w, 6)
	lines = append(lines, b.locales(m, w, h-len(lines)-min(4, len(failed)))...)
	for _, block := range [][]string{failed, b.running(m, w), gatesAhead(m, w), recentEvents(m, w)} {
		if room := h - len(lines); len(block) > 0 && room >= min(len(block), 3) { // never a heading alone
			lines = append(lines, block[:min(room, len(block))]...)
		}
	}
	return lines
}
