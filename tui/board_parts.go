package tui

import (
	"fmt"
	"strings"
	"time"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// running lists what has run longest, beside what it usually takes.
func (b *boardScreen) running(m *Model, w int) []string {
	l, all := m.look, m.board.running
	if len(all) == 0 {
		return nil
	}
	const most = 5
	lines := []string{"", l.paint(head, fmt.Sprintf(" RUNNING %d  (longest first)", len(all)))}
	for _, i := range all[:min(most, len(all))] {
		lines = append(lines, " "+l.fit(runningLine(m, &m.snap.Tasks[i]), w-1))
	}
	if n := len(all) - most; n > 0 {
		lines = append(lines, fmt.Sprintf("   +%d more (%s)", n, m.keys.key(actRunning)))
	}
	return lines
}

// recentEvents is what happened last.
func recentEvents(m *Model, w int) []string {
	events := newest(m.snap.Events, 8)
	if len(events) == 0 {
		return nil
	}
	lines := []string{"", m.look.paint(head, " RECENT")}
	for _, e := range events {
		lines = append(lines, m.look.fit(" "+e.At.UTC().Format("15:04:05Z")+"  "+m.look.safe(eventLine(e)), w))
	}
	return lines
}

// gatesAhead is when the gates to come will be reached: the forecast, shared out by
// the work before each. People's own time is not guessed.
func gatesAhead(m *Model, w int) []string {
	l := m.look
	var parts []string
	var left, all time.Duration
	for _, s := range m.board.stages {
		all += s.left
	}
	for _, s := range m.board.stages {
		left += s.left
		for i := s.first; i < len(m.snap.Tasks) && m.snap.Tasks[i].Stage == s.name; i++ {
			t := m.snap.Tasks[i]
			if t.Kind == pipeline.KindGate && t.State == pipeline.Waiting {
				parts = append(parts, fmt.Sprintf("%s in %s", l.safe(t.ID), spell(time.Duration(float64(m.snap.ETA)*float64(left)/float64(max(1, all))))))
			}
		}
	}
	if len(parts) == 0 || m.snap.ETA == 0 {
		return nil
	}
	return []string{"", l.fit(" "+l.paint(head, "GATES AHEAD, about:")+"  "+strings.Join(parts, ", "), w)}
}

func runningLine(m *Model, t *engine.TaskView) string {
	l, took := m.look, t.Took(m.snap.At)
	text := fmt.Sprintf("  %s %8s  ", l.fit(l.safe(t.ID), 34), spell(took))
	if t.Usual > 0 {
		text += l.paint(busy, l.bar(int(took), int(t.Usual), 12)) + " usual " + spell(t.Usual)
		if took > 3*t.Usual && took > assumed {
			text += l.paint(warn, fmt.Sprintf("  ! %.1fx slower than usual", float64(took)/float64(t.Usual)))
		}
	}
	if p := t.Progress; p.Total > 0 {
		text += fmt.Sprintf("  %d of %d %s", p.Done, p.Total, l.safe(p.Unit))
	}
	if t.Quiet {
		text += l.paint(warn, "  ! no output for "+spell(m.snap.At.Sub(t.Progress.Heard)))
	}
	if t.Attempt > 1 {
		text += fmt.Sprintf("  attempt %d of %d", t.Attempt, t.Try.Attempts)
	}
	return text
}

// failures lists causes, each with how many tasks share it.
func failures(m *Model, w, most int) []string {
	l := m.look
	if len(m.snap.Causes) == 0 {
		return nil
	}
	lines := []string{"", l.paint(bad, fmt.Sprintf(" FAILED %d in %s", m.snap.Counts.Failed, plural(len(m.snap.Causes), "cause")))}
	for i, c := range m.snap.Causes {
		if i == most {
			lines = append(lines, fmt.Sprintf("   and %s more (%s)", plural(len(m.snap.Causes)-most, "cause"), m.keys.key(actFails)))
			break
		}
		lines = append(lines, l.fit(fmt.Sprintf(" %s [%d] %s: %s", l.glyph(pipeline.Failed), len(c.Tasks), l.safe(c.Tasks[0]), l.safe(c.Cause)), w))
	}
	return lines
}
