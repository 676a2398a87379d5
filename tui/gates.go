package tui

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// gatesScreen is the approvals of one release: who said yes to which bytes.
type gatesScreen struct{ list }

func (*gatesScreen) name() screenName          { return screenGates }
func (*gatesScreen) keys(*Model) []act         { return []act{actOpen, actReject} }
func (*gatesScreen) command(m *Model) []string { return []string{"status", m.run} }

func (g *gatesScreen) do(m *Model, a act) tea.Cmd {
	if m.snap == nil || g.move(a, len(m.snap.Gates), m.h-8) {
		return nil
	}
	if g.at >= len(m.snap.Gates) {
		return nil
	}
	gate := m.snap.Gates[g.at]
	if a != actOpen && a != actReject {
		return nil
	}
	if gate.State != pipeline.Held {
		m.say(warn, gate.Task+" is not waiting for anybody: "+markOf(gate.State).word)
		return nil
	}
	m.dialog = newApproval(m, gate, a == actReject)
	return nil
}

func (g *gatesScreen) body(m *Model, w, h int) []string {
	if m.snap == nil {
		return nil
	}
	l := m.look
	lines := []string{"", l.paint(head, fmt.Sprintf("  %-16s %-8s %s", "GATE", "STATE", "SIGN-OFFS"))}
	from, to := g.window(len(m.snap.Gates), (h-4)/3)
	for i := from; i < to; i++ {
		gate := m.snap.Gates[i]
		row := fmt.Sprintf("%s %s %s %s %s", pointer(i == g.at), l.fit(l.safe(gate.Gate.Name), 16), l.glyph(gate.State),
			l.fit(markOf(gate.State).word, 6), missing(gate))
		lines = append(lines, l.fit(row, w))
		for _, s := range gate.Signoffs {
			verb := "signed"
			if s.Reject {
				verb = l.paint(bad, "REJECTED")
			}
			lines = append(lines, l.fit(fmt.Sprintf("      %s %s %s as %s: %s", s.At.UTC().Format("Jan 02 15:04Z"),
				l.safe(s.By), verb, l.safe(s.Role), l.safe(s.Reason)), w))
		}
	}
	if about := g.about(m, w); len(lines)+len(about) <= h {
		lines = append(lines, about...)
	}
	return lines
}

// about is what the chosen gate asks, stands on and sets free.
func (g *gatesScreen) about(m *Model, w int) []string {
	if g.at >= len(m.snap.Gates) {
		return nil
	}
	l, gate := m.look, m.snap.Gates[g.at]
	behind, opens := evidence(m.snap, gate.Task, l)
	guards := "nothing yet: it is not reached"
	if gate.Key != "" {
		guards = l.safe(strings.TrimPrefix(gate.Key, "sha256:"))
	}
	lines := []string{
		"", l.paint(head, l.fit(" "+strings.ToUpper(l.safe(gate.Gate.Name)), w)),
		l.fit("   asks       "+l.safe(gate.Gate.Question), w),
		l.fit("   guards     "+guards, w),
		l.fit("   opens      "+opens, w),
	}
	for _, line := range hang("   behind it  ", behind, w) {
		lines = append(lines, l.fit(line, w))
	}
	return lines
}

// missing says who has yet to sign.
func missing(g engine.GateView) string {
	if len(g.Missing) == 0 {
		return "complete"
	}
	parts := make([]string, len(g.Missing))
	for i, x := range g.Missing {
		parts[i] = fmt.Sprintf("%d of %d signed (%s)", x.Have, x.Need, x.Role)
	}
	return strings.Join(parts, ", ")
}

// openGates goes to what waits for people: straight to the dialog when there
// is only one gate to answer.
func (m *Model) openGates() tea.Cmd {
	if m.run == "" {
		return m.enterFirst(func(c pipeline.Counts) bool { return c.Held > 0 }, &gatesScreen{}, "nothing waits for an approval")
	}
	if m.snap == nil {
		return nil
	}
	g, open := m.top().(*gatesScreen)
	if !open {
		g = &gatesScreen{}
		m.screens = append(m.screens, g)
	}
	at := g.at
	var held []int
	for i, gate := range m.snap.Gates {
		if gate.State == pipeline.Held {
			held = append(held, i)
		}
	}
	if len(held) > 0 {
		g.at = held[0]
		for _, i := range held {
			if open && i > at {
				g.at = i // once more: the next one
				break
			}
		}
	}
	if len(held) == 1 {
		m.dialog = newApproval(m, m.snap.Gates[held[0]], false)
	}
	return m.poll()
}

func roles(g pipeline.Gate) []string { return slices.Sorted(maps.Keys(g.Roles)) }
