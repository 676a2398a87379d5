package tui

import (
	"fmt"
	"strings"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// alerts is the row that says what needs you and what failed.
func (m *Model) alerts(w int) string {
	l := m.look
	switch {
	case m.pending != nil:
		return l.paint(warn, l.fit(" "+m.pending.notice(m), w))
	case m.toast.text != "" && m.env.Now().Before(m.toast.until):
		return l.paint(m.toast.tone, l.fit(" "+l.safe(m.toast.text), w))
	case m.fault != nil:
		return l.paint(bad, l.fit(" ! the journal does not answer: "+l.safe(m.fault.Error()), w))
	}
	parts, right := m.runAlerts(w)
	if m.top().name() == screenHome {
		parts, right = m.listAlerts()
	}
	if w < 60 && len(parts) > 0 {
		right = "" // what needs somebody comes first
	}
	return l.ends(" "+strings.Join(parts, "   "), right, w)
}

// runAlerts are those of the release looked at.
func (m *Model) runAlerts(w int) (parts []string, right string) {
	if m.run == "" || m.snap == nil {
		return nil, ""
	}
	l, s := m.look, m.snap
	if h := s.Run.RolloutHalt; h != nil {
		parts = append(parts, l.paint(bad, l.sign(standings[engine.RolloutHalted])+m.lifts()+" "+l.safe(haltLine(h))))
	}
	if n := s.Counts.Failed; n > 0 && w < 100 { // short, and so first
		parts = append(parts, l.glyph(pipeline.Failed)+m.by(actFails)+fmt.Sprintf(" %d failed", n))
	}
	why := s.Why
	if s.Run.Standing == pipeline.Broken || s.Run.RolloutHalt != nil {
		why = "" // it is the failures, or the halt, which was said first
	}
	switch n := s.Counts.Held; {
	case n > 0 && why != "" && w < 100: // who is waited for is worth more than that somebody is
		parts, why = append(parts, l.glyph(pipeline.Held)+m.by(actApprove)+" "+l.safe(why)), ""
	case n > 0:
		parts = append(parts, l.glyph(pipeline.Held)+" "+plural(n, "gate")+" waiting for people"+m.by(actApprove))
	}
	if n := s.Counts.Failed; n > 0 && w >= 100 {
		parts = append(parts, l.glyph(pipeline.Failed)+" "+plural(n, "task")+" failed"+m.by(actFails))
	}
	if r := s.Run; r.Standing == pipeline.Done && !r.Ended.IsZero() {
		parts = append(parts, l.glyph(pipeline.Passed)+" done at "+r.Ended.UTC().Format("Jan 02 15:04Z")+", "+spell(r.Ended.Sub(r.Began))+" after it began")
	}
	if why != "" {
		parts = append(parts, l.safe(why))
	}
	right = fmt.Sprintf("%d of %d", s.Counts.Passed, s.Counts.Total())
	if s.ETA > 0 && s.Run.Standing == pipeline.Moving {
		right += "  ETA " + spell(s.ETA)
	}
	return parts, right
}

// listAlerts are those of all releases.
func (m *Model) listAlerts() (parts []string, right string) {
	held, failed := 0, 0
	for _, r := range m.runs {
		if !isOver(r.Standing) { // nobody can answer or retry what was stopped
			held, failed = held+r.Counts.Held, failed+r.Counts.Failed
		}
	}
	if n := len(engine.StillHalted(m.runs)); n > 0 {
		parts = append(parts, m.look.paint(bad, m.look.sign(standings[engine.RolloutHalted])+" "+plural(n, "rollout")+" halted"))
	}
	if held > 0 {
		parts = append(parts, m.look.glyph(pipeline.Held)+" "+plural(held, "gate")+" waiting"+m.by(actApprove))
	}
	if failed > 0 {
		parts = append(parts, m.look.glyph(pipeline.Failed)+" "+plural(failed, "task")+" failed"+m.by(actFails))
	}
	return parts, plural(len(m.runs), "release")
}

// haltLine is who keeps users from a release, and why.
func haltLine(h *engine.Halt) string { return "rollout halted by " + h.By + ": " + h.Reason }

// lifts is the way to the key that lifts a halt, in brackets.
func (m *Model) lifts() string {
	if m.keys.works(actHalt, m.top().name()) {
		return m.by(actHalt)
	}
	return fmt.Sprintf(" (%s, then %s)", m.keys.key(actRollout), m.keys.key(actHalt))
}

// by is the key of an act in brackets, where it works.
func (m *Model) by(a act) string {
	if !m.keys.works(a, m.top().name()) {
		return ""
	}
	return " (" + m.keys.key(a) + ")"
}
