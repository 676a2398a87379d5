package tui

import (
	"fmt"
	"slices"
	"strings"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

func (r *rolloutScreen) body(m *Model, w, h int) []string {
	l, steps := m.look, shares(m.snap)
	if len(steps) == 0 {
		return []string{"", " No client is told of this release: slipway.yaml has no updates.channels."}
	}
	r.place(steps)
	lines := append([]string{""}, m.offered(steps, w)...)
	lines = append(lines, "", l.paint(head, l.fit(fmt.Sprintf("  %6s  %-8s %-21s %-18s %s", "SHARE", "STATE", "SINCE", "SOAKED", "GATE"), w)))
	for i, s := range steps {
		since := ""
		if s.task.State == pipeline.Passed {
			since = s.task.Ended.UTC().Format("Jan 02 15:04Z")
		}
		row := fmt.Sprintf("%s %4d %%  %s %s %s %s %s", pointer(i == r.at), s.percent, l.glyph(s.state()), l.fit(markOf(s.state()).word, 6),
			l.fit(since, 21), l.fit(soaked(m.snap, s.gate), 18), l.safe(s.signed()))
		lines = append(lines, l.fit(row, w))
	}
	lines = append(lines, m.told(w)...)
	footer := []string{"", l.fit(" How it fares is measured elsewhere: slipway asks nobody for crash rates.", w)}
	log := m.rolloutLog(w)
	return slices.Concat(lines, log[:max(0, min(len(log), h-len(lines)-len(footer)))], footer)
}

// offered is the share that users see now, and who halted it.
func (m *Model) offered(steps []share, w int) []string {
	l := m.look
	now, since := 0, ""
	for _, s := range steps {
		if s.task.State == pipeline.Passed {
			now, since = s.percent, ", for "+spell(m.snap.At.Sub(s.task.Ended))
		}
	}
	if by, halted := m.halted(); halted {
		return []string{l.paint(bad, l.fit(" HALTED "+l.safe(by), w)), l.fit(fmt.Sprintf(" Nobody is offered it; %d %% were.", now), w)}
	}
	line := fmt.Sprintf(" OFFERED TO %s %d %% of users%s", l.paint(good, l.bar(now, 100, 40)), now, since)
	if w < narrow {
		line = fmt.Sprintf(" OFFERED TO %d %% of users%s", now, since)
	}
	return []string{l.fit(line, w)}
}

// signed is what people said at a step's gate.
func (s share) signed() string {
	said := s.gate.Gate.Name
	for _, x := range s.gate.Signoffs {
		said += fmt.Sprintf(": %s as %s, %s", x.By, x.Role, x.Reason)
	}
	if s.gate.State == pipeline.Held {
		said += ": " + missing(s.gate)
	}
	return said
}

// soaked is how long what a gate stands on has stood, of the time it should.
func soaked(s *engine.Snapshot, g engine.GateView) string {
	stood, meant, ok := s.Soaked(g)
	if !ok || g.State != pipeline.Held {
		return ""
	}
	return spell(stood) + " of " + spell(meant)
}

// soakLines are what whoever opens a gate of a rollout should have read.
func (m *Model) soakLines(g engine.GateView, w int) []string {
	var lines []string
	if stood, meant, ok := m.snap.Soaked(g); ok {
		line := "SOAKED     " + spell(stood) + " of " + spell(meant)
		if stood < meant {
			line = m.look.paint(warn, line+": early")
		}
		lines = append(lines, m.look.fit(line, w))
	}
	if h := m.snap.Run.RolloutHalt; h != nil {
		lines = append(lines, m.look.paint(bad, m.look.fit("HALTED     by "+m.look.safe(h.By)+": "+m.look.safe(h.Reason), w)))
	}
	return lines
}

// told is what a client of each version is answered.
func (m *Model) told(w int) []string {
	l, f := m.look, m.facts.Rollout
	if f.Problem != "" {
		return []string{"", l.paint(bad, l.fit(" "+l.safe(f.Problem), w))}
	}
	var lines []string
	for _, c := range f.Channels {
		lines = append(lines, "", l.paint(head, l.fit(fmt.Sprintf("  %-18s %-18s %s", "TOLD ON "+strings.ToUpper(l.safe(c.Channel)), "IN THE SHARE", "OUTSIDE"), w)))
		for _, t := range c.Told {
			lines = append(lines, l.fit(fmt.Sprintf("  %s %s %s", l.fit(l.safe(t.From), 18), l.fit(newer(l, t.Inside), 18), newer(l, t.Outside)), w))
		}
	}
	return lines
}

func newer(l Look, version string) string {
	if version == "" {
		return "nothing newer"
	}
	return l.safe(version)
}

// rolloutLog is what happened to the rollout, the latest first.
func (m *Model) rolloutLog(w int) []string {
	l := m.look
	var lines []string
	gates := map[string]bool{}
	for _, s := range shares(m.snap) {
		gates[s.gate.Task], gates[s.task.ID] = true, true
	}
	for _, e := range newest(m.snap.Events, len(m.snap.Events)) {
		if gates[e.Task] || e.What == engine.VerbHaltRollout || e.What == engine.VerbResumeRollout {
			lines = append(lines, l.fit(fmt.Sprintf("  %s  %s %s", e.At.UTC().Format("Jan 02 15:04Z"), l.fit(l.safe(actor(e)), 12), l.safe(eventLine(e))), w))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return append([]string{"", l.paint(head, " LOG")}, lines...)
}
