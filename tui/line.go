package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/sahilm/fuzzy"

	"slipway/release/text"
)

// filterable is a screen that a filter narrows while it is typed.
type filterable interface {
	filter() string
	setFilter(s string)
}

// line is one line being typed: a filter, or the palette.
type line struct {
	text    string
	palette bool

	target filterable // of a filter
	before string     // esc brings it back

	offers []offer // of the palette
	at     int
}

// offer is one thing that the palette can do, named like the verb or key.
type offer struct {
	text string
	key  string
	act  func(m *Model) tea.Cmd
}

func newFilter(f filterable) *line { return &line{text: f.filter(), before: f.filter(), target: f} }

// newPalette offers every act that has a key here, every stage and every run.
func newPalette(m *Model) *line {
	p := &line{palette: true}
	here := m.top().name()
	for _, b := range bindings {
		if b.group == groupMove || b.act == actPalette || !b.on(here) {
			continue
		}
		p.offers = append(p.offers, offer{b.help, b.keys[0], func(m *Model) tea.Cmd { return m.do(b.act) }})
	}
	for _, s := range m.board.stages {
		q := "stage:" + s.name
		p.offers = append(p.offers, offer{"tasks of stage " + s.name, "", func(m *Model) tea.Cmd { return m.push(&tasksScreen{query: q}) }})
		if s.total.Failed > 0 {
			p.offers = append(p.offers, offer{
				fmt.Sprintf("retry failed in stage %s (%d)", s.name, s.total.Failed), "",
				func(m *Model) tea.Cmd { return m.retry("state:failed " + q) },
			})
		}
	}
	for _, r := range m.runs {
		p.offers = append(p.offers, offer{"go to " + r.ID, "", func(m *Model) tea.Cmd { m.enter(r.ID); return m.poll() }})
	}
	return p
}

// found are the offers that fit what was typed, the best first.
func (p *line) found() []offer {
	if p.text == "" {
		return p.offers
	}
	names := make([]string, len(p.offers))
	for i, o := range p.offers {
		names[i] = o.text
	}
	var out []offer
	for _, match := range fuzzy.Find(p.text, names) {
		out = append(out, p.offers[match.Index])
	}
	return out
}

// choices draws the palette's inside.
func (p *line) choices(m *Model, room int) []string {
	l, found := m.look, p.found()
	lines := []string{": " + l.safe(p.text) + "_", ""}
	p.at = max(0, min(p.at, len(found)-1))
	page := max(1, room-4)
	from := max(0, p.at-page+1)
	for i := from; i < min(len(found), from+page); i++ {
		lines = append(lines, fmt.Sprintf("%s %s %s", pointer(i == p.at), l.fit(l.safe(found[i].text), 60), found[i].key))
	}
	if len(found) == 0 {
		lines = append(lines, "  nothing of that name")
	}
	return append(lines, "", "enter do it     up/down choose     esc close")
}

func (p *line) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc":
		if p.target != nil {
			p.target.setFilter(p.before)
		}
		m.line = nil
	case "enter":
		m.line = nil
		if found := p.found(); p.palette && p.at < len(found) {
			return found[p.at].act(m)
		}
	case "up", "ctrl+p":
		p.at--
	case "down", "ctrl+n":
		p.at++
	default:
		p.set(edit(p.text, k))
	}
	return nil
}

func (p *line) insert(s string) { p.set(p.text + text.Sanitize(strings.TrimSpace(s))) }

func (p *line) set(s string) {
	p.text, p.at = s, 0
	if p.target != nil {
		p.target.setFilter(s)
	}
}
