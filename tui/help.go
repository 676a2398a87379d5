package tui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// helpLines is the key map of the present screen, from the same table that
// the keys are read by.
func (m *Model) helpLines(w, h int) []string {
	here := m.top().name()
	columns := map[group][]string{}
	for _, g := range []group{groupMove, groupAct, groupView} {
		column := []string{m.look.paint(head, string(g))}
		for _, row := range m.keys.rows(func(b binding) bool { return b.group == g && b.on(here) }) {
			column = append(column, m.look.fit(m.keyWord(row), 11)+row[0].help)
		}
		columns[g] = column
	}
	if w < 84 { // looking on the right, all else on the left
		left := slices.Concat(columns[groupMove], []string{""}, columns[groupAct])
		if h < len(left) { // moving by arrows needs no telling
			left = columns[groupAct]
		}
		return sideBySide(m.look, w, left, columns[groupView])
	}
	return append(sideBySide(m.look, w, columns[groupMove], columns[groupAct], columns[groupView]), "",
		"What cannot be taken back asks first. "+m.keys.key(actDetach)+" leaves the console, and the engine keeps running.",
		"Any key closes this page.")
}

// sideBySide sets columns of equal width beside each other.
func sideBySide(l Look, w int, columns ...[]string) []string {
	var lines []string
	for i := range slices.MaxFunc(columns, func(a, b []string) int { return len(a) - len(b) }) {
		line := ""
		for _, column := range columns {
			cell := ""
			if i < len(column) {
				cell = column[i]
			}
			line += l.fit(cell, w/len(columns))
		}
		lines = append(lines, line)
	}
	return lines
}

// keyWord spells the keys of one line of help: the first of each binding, and
// the others where they are short.
func (m *Model) keyWord(row []binding) string {
	var first, rest []string
	for _, b := range row {
		if len(b.keys) > 3 { // a range
			return b.keys[0] + ".." + b.keys[len(b.keys)-1]
		}
		first, rest = append(first, m.spellKey(b.keys[0])), append(rest, b.keys[1:]...)
	}
	words := strings.Join(first, " ")
	for i := range rest {
		rest[i] = m.spellKey(rest[i])
	}
	if all := words + " " + strings.Join(rest, " "); ansi.StringWidth(all) <= 10 {
		return strings.TrimSpace(all)
	}
	return words
}

func (m *Model) spellKey(key string) string {
	sign, ok := map[string]string{"up": "↑", "down": "↓", "left": "←", "right": "→"}[key]
	if ok && !m.look.ASCII {
		return sign
	}
	return strings.NewReplacer("ctrl+", "^", "pgup", "PgUp", "pgdown", "PgDn").Replace(key)
}
