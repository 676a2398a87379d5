package tui

import (
	"slices"
	"strings"
)

// helpLines is the key map of the present screen, from the same table that
// the keys are read by.
func (m *Model) helpLines(w, h int) []string {
	here := m.top().name()
	columns := map[group][]string{}
	rows := 0
	groups := []group{groupMove, groupAct, groupView}
	for _, g := range groups {
		for _, b := range bindings {
			if b.group == g && b.on(here) {
				columns[g] = append(columns[g], m.look.fit(keyWord(b.keys), 10)+b.help)
			}
		}
		rows = max(rows, len(columns[g]))
	}
	if w < 84 { // looking on the right, all else on the left
		left := slices.Concat([]string{string(groupMove)}, columns[groupMove], []string{string(groupAct)}, columns[groupAct])
		right := append([]string{string(groupView)}, columns[groupView]...)
		if h < len(left) { // moving by arrows needs no telling
			left = append([]string{string(groupAct)}, columns[groupAct]...)
		}
		lines := make([]string, max(len(left), len(right)))
		for i := range lines {
			if i < len(left) {
				lines[i] = left[i]
			}
			if i < len(right) {
				lines[i] = m.look.fit(lines[i], w/2) + right[i]
			}
		}
		return lines
	}
	width := w / 3
	lines := make([]string, rows+1)
	for _, g := range groups {
		lines[0] += m.look.fit(string(g), width)
		for i := range rows {
			cell := ""
			if i < len(columns[g]) {
				cell = columns[g][i]
			}
			lines[i+1] += m.look.fit(cell, width)
		}
	}
	return append(lines, "",
		"Lower case looks, capitals change the world. esc never leaves the console;",
		"q detaches, and the engine keeps running. Any key closes this page.")
}

func keyWord(keys []string) string {
	s := strings.Join(keys, " ")
	return strings.NewReplacer("ctrl+", "^", "pgup", "PgUp", "pgdown", "PgDn").Replace(s)
}
