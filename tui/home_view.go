package tui

import (
	"fmt"
	"slices"
	"strings"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

func (h *home) body(m *Model, w, height int) []string {
	if m.loaded && len(m.runs) == 0 {
		return m.welcome()
	}
	l := m.look
	rows := h.rows(m)
	lines := []string{""}
	if h.query != "" {
		lines[0] = " / filter: " + l.safe(h.query) + "   (text, state: channel: product: by:)"
	}
	wide, slim := w >= 100, w < 60
	title := fmt.Sprintf("  %-22s %-11s %-18s %4s %-6s %s", "RELEASE", "STATE", "PROGRESS", "FAIL", "NEEDS", "ETA")
	if wide {
		title = fmt.Sprintf("  %-24s %-10s %-11s %-11s %-17s %4s %-6s %-6s %s", "RELEASE", "CHANNEL", "STATE", "STAGE", "PROGRESS", "FAIL", "NEEDS", "ETA", "STARTED")
	}
	if slim {
		title = fmt.Sprintf("  %-16s %-11s %4s %s", "RELEASE", "STATE", "DONE", "NEEDS")
	}
	lines = append(lines, l.paint(head, title))
	needs, recent := h.attention(m, rows, w), m.recent(w)
	from, to := h.window(len(rows), height-len(lines)-len(needs)-1)
	for i := from; i < to; i++ {
		lines = append(lines, h.row(m, rows[i], i == h.at, wide, slim))
	}
	lines = append(lines, needs...)
	if room := height - len(lines); room > 2 && len(recent) > 0 {
		lines = append(lines, "", l.paint(head, " RECENT"))
		lines = append(lines, recent[:min(len(recent), room-2, 10)]...)
	}
	return lines
}

func (h *home) row(m *Model, r engine.Run, here, wide, slim bool) string {
	l, s := m.look, standings[r.Shown()]
	percent, stage, eta := 0, "-", "-"
	if n := r.Counts.Total(); n > 0 {
		percent = r.Counts.Passed * 100 / n
	}
	if p, ok := m.peeks[r.ID]; ok && len(p.board.stages) > 0 && !isOver(r.Standing) {
		percent, stage = p.board.percent(), p.board.stages[p.board.current()].name
		if p.snap.ETA > 0 {
			eta = spell(p.snap.ETA)
		}
	}
	name, nameWidth := l.safe(fmt.Sprintf("%s %s build%d", r.Product, r.Version, r.Build)), 22
	switch {
	case wide:
		nameWidth = 24
	case slim:
		nameWidth = 16
	}
	lead := pointer(here) + " " + l.fit(name, nameWidth)
	if here {
		lead = l.paint(head, lead)
	}
	state := l.paint(s.tone, l.sign(s)+" "+l.fit(strings.ToLower(s.word), 9))
	bar := fmt.Sprintf("%12s %3d%%", "", percent) // what is over needs no eye
	if !isOver(r.Standing) {
		bar = fmt.Sprintf("%s %3d%%", l.paint(s.tone, l.bar(percent, 100, 12)), percent)
	}
	end := fmt.Sprintf("%4d %s %-6s", r.Counts.Failed, l.fit(m.needs(r), 6), eta)
	switch {
	case wide:
		return fmt.Sprintf("%s %s %s %s %s %s %s %s", lead, l.fit(l.safe(r.Channel), 10), state,
			l.fit(l.safe(stage), 11), bar, end, r.Began.UTC().Format("Jan 02 15:04Z"), l.safe(r.By))
	case slim:
		return fmt.Sprintf("%s %s %3d%% %s", lead, state, percent, m.needs(r))
	}
	return fmt.Sprintf("%s %s %s  %s", lead, state, bar, end)
}

// needs is what a run needs of people, in a word.
func (m *Model) needs(r engine.Run) string {
	switch {
	case m.stillHalted(r):
		return m.look.paint(bad, m.look.sign(standings[engine.RolloutHalted])) + " lift"
	case isOver(r.Standing):
		return "-"
	case r.Counts.Held > 0:
		return m.look.glyph(pipeline.Held) + " yes"
	case r.Counts.Failed > 0:
		return m.look.glyph(pipeline.Failed) + " fix"
	case !r.Driven():
		return m.look.paint(warn, "!") + " run"
	}
	return "-"
}

// stillHalted tells whether somebody may yet lift a halt of the run's rollout.
func (m *Model) stillHalted(r engine.Run) bool {
	return r.RolloutHalt != nil && slices.ContainsFunc(engine.StillHalted(m.runs), func(s engine.Run) bool { return s.ID == r.ID })
}

// attention tells, by release, why it does not move and what failed.
func (h *home) attention(m *Model, rows []engine.Run, w int) []string {
	l := m.look
	var lines []string
	add := func(sign, id, what string) {
		lines = append(lines, l.fit(fmt.Sprintf(" %s %s %s", sign, l.fit(l.safe(id), min(24, w/3)), what), w))
	}
	for _, r := range rows {
		if m.stillHalted(r) {
			add(l.paint(bad, l.sign(standings[engine.RolloutHalted])), r.ID, l.safe(haltLine(r.RolloutHalt))+"  (slipway rollout resume)")
		}
		p, ok := m.peeks[r.ID]
		if !ok {
			continue
		}
		if p.snap.Why != "" && len(p.snap.Causes) == 0 && r.RolloutHalt == nil {
			sign := l.paint(warn, "!")
			if r.Counts.Held > 0 {
				sign = l.glyph(pipeline.Held)
			}
			add(sign, r.ID, l.safe(p.snap.Why))
		}
		for _, c := range p.snap.Causes[:min(2, len(p.snap.Causes))] {
			add(l.glyph(pipeline.Failed), r.ID, fmt.Sprintf("%s failed: %s  (%s)", plural(len(c.Tasks), "task"), l.safe(c.Cause), l.safe(some(c.Tasks, 2))))
		}
	}
	if len(lines) > 8 {
		lines = append(lines[:7], fmt.Sprintf("   and %d more", len(lines)-7))
	}
	if len(lines) > 0 {
		lines = append([]string{"", l.paint(head, " NEEDS ATTENTION")}, lines...)
	}
	return lines
}
