package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/sahilm/fuzzy"

	"slipway/release/text"
)

// palette finds by name what has a key, and some things that have none.
type palette struct {
	text   string
	offers []offer
	at     int
}

// offer is one thing that the palette can do, named like the verb or key.
type offer struct {
	text string
	key  string
	args []string // the verb that does the same; nil when there is none
	act  func(m *Model) tea.Cmd
}

// newPalette offers every act that has a key here, every stage, every saved
// filter and every release.
func newPalette(m *Model) *palette {
	p := &palette{}
	here := m.top().name()
	for _, b := range m.keys {
		if b.group == groupMove || b.act == actPalette || !b.on(here) || m.idle(b.act) {
			continue
		}
		o := offer{text: b.help, key: b.keys[0], act: func(m *Model) tea.Cmd { return m.do(b.act) }}
		if s := sideScreen(b.act); s != nil && m.run != "" {
			o.args = s.command(m)
		}
		p.offers = append(p.offers, o)
	}
	if m.run != "" && here != screenReplay {
		p.offers = append(p.offers, stageOffers(m)...)
		for _, f := range m.env.Filters {
			p.offers = append(p.offers, tasksOffer(m, "tasks: "+f.Name, f.Query))
		}
	}
	for _, r := range m.runs {
		p.offers = append(p.offers, offer{
			"go to " + r.ID, "",
			[]string{"console", r.ID},
			func(m *Model) tea.Cmd { m.enter(r.ID); return m.poll() },
		})
	}
	return p
}

func stageOffers(m *Model) []offer {
	var offers []offer
	for _, s := range m.board.stages {
		q := "stage:" + s.name
		offers = append(offers, tasksOffer(m, "tasks of stage "+s.name, q))
		if s.total.Failed > 0 {
			offers = append(offers, offer{
				fmt.Sprintf("retry failed in stage %s (%d)", s.name, s.total.Failed), "",
				[]string{"retry", m.run, "state:failed", q},
				func(m *Model) tea.Cmd { return m.retry("state:failed " + q) },
			})
		}
	}
	return offers
}

func tasksOffer(m *Model, text, query string) offer {
	s := &tasksScreen{query: query}
	return offer{text, "", s.command(m), func(m *Model) tea.Cmd { return m.push(s) }}
}

// found are the offers that fit what was typed, the best first.
func (p *palette) found() []offer {
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

func (p *palette) title() string { return ": COMMAND PALETTE" }

func (p *palette) lines(m *Model, w, h int) []string {
	l, found := m.look, p.found()
	lines := []string{": " + l.safe(p.text) + "_", ""}
	p.at = max(0, min(p.at, len(found)-1))
	page := max(1, h-6)
	from := max(0, p.at-page+1)
	for i := from; i < min(len(found), from+page); i++ {
		lines = append(lines, l.fit(fmt.Sprintf("%s %s %s", pointer(i == p.at), l.fit(l.safe(found[i].text), min(60, w-12)), m.spellKey(found[i].key)), w))
	}
	if len(found) == 0 {
		lines = append(lines, "  nothing of that name")
	}
	return append(lines, "", fmt.Sprintf("enter do it   tab fill in   %s %s choose   esc close", m.spellKey("up"), m.spellKey("down")))
}

// command is what the chosen offer would be as a verb.
func (p *palette) command(*Model) []string {
	if found := p.found(); p.at < len(found) {
		return found[p.at].args
	}
	return nil
}

func (p *palette) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	found := p.found()
	switch k.String() {
	case "esc":
		m.dialog = nil
	case "enter":
		m.dialog = nil
		if p.at < len(found) {
			return found[p.at].act(m)
		}
	case "tab":
		if p.at < len(found) {
			p.text, p.at = found[p.at].text, 0
		}
	case "up", "ctrl+p":
		p.at = max(0, p.at-1)
	case "down", "ctrl+n":
		p.at++
	default:
		p.text, p.at = edit(p.text, k), 0
	}
	return nil
}

func (p *palette) paste(_ *Model, s string) {
	p.text, p.at = p.text+text.Sanitize(strings.TrimSpace(s)), 0
}
