package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"slipway/release/text"
)

// filterable is a screen that a filter narrows while it is typed.
type filterable interface {
	filter() string
	setFilter(s string)
}

// line is a filter being typed.
type line struct {
	text   string
	target filterable
	before string // esc brings it back
	saved  int    // which of the saved filters is in it, from 1; 0: none
}

func newFilter(f filterable) *line { return &line{text: f.filter(), before: f.filter(), target: f} }

// hint is the key row while one types.
func (p *line) hint(m *Model) string {
	pairs := []string{"enter", "keep it", "esc", "take it back"}
	if n := len(m.env.Filters); n > 0 {
		what := plural(n, "saved filter")
		if p.saved > 0 {
			what += ": " + m.look.safe(m.env.Filters[p.saved-1].Name)
		}
		pairs = append(pairs, m.spellKey("up")+" "+m.spellKey("down"), what)
	}
	return m.look.hints(pairs...)
}

func (p *line) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc":
		p.target.setFilter(p.before)
		m.line = nil
	case "enter":
		m.line = nil
	case "down", "ctrl+n":
		p.recall(m, +1)
	case "up", "ctrl+p":
		p.recall(m, -1)
	default:
		p.set(edit(p.text, k))
	}
	return nil
}

// recall goes through the saved filters, and past their ends to what was
// there before.
func (p *line) recall(m *Model, step int) {
	if len(m.env.Filters) == 0 {
		return
	}
	n := len(m.env.Filters) + 1
	at := (p.saved + step + n) % n
	if at == 0 {
		p.set(p.before)
	} else {
		p.set(m.env.Filters[at-1].Query)
	}
	p.saved = at
}

func (p *line) insert(s string) { p.set(p.text + text.Sanitize(strings.TrimSpace(s))) }

func (p *line) set(s string) {
	p.text, p.saved = s, 0
	p.target.setFilter(s)
}
