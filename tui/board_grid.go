package tui

import (
	"fmt"

	"slipway/release/pipeline"
)

// below is the room that a short screen keeps for what failed and what runs.
const below = 7

// grid is the table of stages by platforms. On a short screen the stages that
// are done, and those that only wait, are one row each; what one opens the
// board for stands below.
func (b *boardScreen) grid(m *Model, w, h int) []string {
	const name, total = 13, 24
	l, cell := m.look, 0
	if n := len(m.board.platforms); n > 0 {
		cell = min(18, max(6, (w-name-total-2)/n))
	}
	title := l.fit(" STAGE", name)
	shown := 0
	for _, p := range m.board.platforms {
		if name+(shown+1)*cell+total > w {
			break // a narrow screen shows the total and what fits
		}
		title += l.fit(l.safe(p), cell)
		shown++
	}
	top := []string{"", l.paint(head, title+l.fit("TOTAL", total-10)+l.right("WORK LEFT", 9))}
	short := len(top)+len(m.board.stages)+below > h
	var rows []string
	at := 0
	for i := 0; i < len(m.board.stages); i++ {
		s := m.board.stages[i]
		if n := b.alike(m, i); short && n > 1 {
			state := worst(s.total)
			what := map[bool]string{true: "done", false: "to come"}[state == pipeline.Passed]
			rows = append(rows, l.fit(fmt.Sprintf(" %s %d stages %s: %s to %s", l.glyph(state), n, what, l.safe(s.name), l.safe(m.board.stages[i+n-1].name)), w))
			i += n - 1
			continue
		}
		here := i == b.at
		if here {
			at = len(rows)
		}
		row := l.fit(pointer(here)+l.safe(s.name), name)
		for c := range shown {
			row += l.fit(chosen(b.cell(m, s.cells[c], cell >= 10), here && b.col == c+1), cell)
		}
		row += l.fit(chosen(b.cell(m, s.total, true), here && b.col == 0), total-9) + l.right(leftWord(s), 8)
		rows = append(rows, row)
	}
	room := max(1, h-len(top))
	from := max(0, min(at-room/2, len(rows)-room)) // the cursor stays in sight
	return append(top, rows[from:min(len(rows), from+room)]...)
}

// alike is how many stages from the i-th on can share a row: all done, or all
// to come, and none of them under the cursor.
func (b *boardScreen) alike(m *Model, i int) int {
	kind := func(i int) int {
		switch c := m.board.stages[i].total; {
		case i == b.at:
			return 0
		case c.Passed == c.Total():
			return 1
		case c.Passed == 0 && only(c, pipeline.Waiting, pipeline.Blocked):
			return 2
		}
		return 0
	}
	first, n := kind(i), 1
	for first != 0 && i+n < len(m.board.stages) && kind(i+n) == first {
		n++
	}
	return n
}

// chosen marks the cell under the cursor.
func chosen(text string, here bool) string {
	if here {
		return "[" + text + "]"
	}
	return text
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
