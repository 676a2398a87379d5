package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// header says what is looked at, how it stands, who looks, and when.
func (m *Model) header(w int) string {
	l := m.look
	left, state, tone := " slipway  "+string(m.top().name()), "", head
	if m.snap != nil && m.run != "" {
		r := m.snap.Run
		left = fmt.Sprintf(" %s %s build%d  [%s]  %s", r.Product, r.Version, r.Build, r.Channel, m.top().name())
		state, tone = m.standing(r)+fmt.Sprintf(" %d%%", m.board.percent()), standings[r.Shown()].tone
		if w < narrow {
			left = fmt.Sprintf(" %s b%d %s", r.Version, r.Build, m.top().name())
		}
	}
	right := m.env.Now().UTC().Format("15:04Z")
	if w >= 100 {
		right = m.env.User + "@" + m.env.Host + "   " + right
	}
	if m.env.ReadOnly {
		right = "read-only   " + right
	}
	if state != "" && w >= narrow && m.top().name() != screenReplay {
		right = "engine: " + engineWord(m.snap.Run) + "   " + right
	}
	right = l.paint(head, right)
	if state != "" {
		right = l.paint(tone, state) + "   " + right
	}
	return l.ends(l.paint(head, l.safe(left)), right, w)
}

func engineWord(r engine.Run) string {
	if r.Driven() {
		return "up"
	}
	return "none"
}

// standing is a run's state as glyph and word.
func (m *Model) standing(r engine.Run) string {
	s := standings[r.Shown()]
	return m.look.sign(s) + " " + s.word
}

// standings is the legend of whole runs.
var standings = map[pipeline.Standing]mark{
	pipeline.Moving:  {"▶", ">", "RUNNING", busy},
	pipeline.AtGate:  {"◆", "?", "HOLD", need},
	pipeline.Pausing: {"‖", "=", "PAUSED", warn},
	pipeline.Broken:  {"✗", "X", "FAILED", bad},
	pipeline.Done:    {"✓", "+", "DONE", good},
	pipeline.Stopped: {"⊘", "-", "STOPPED", bad},

	engine.Idle:          {"!", "!", "NO ENGINE", warn},
	engine.RolloutHalted: {"✗", "X", "HALTED", bad},
}

// isOver tells whether nothing will move a run any more.
func isOver(s pipeline.Standing) bool { return s == pipeline.Done || s == pipeline.Stopped }

// idle tells whether an act would find nothing to do, so that the key row does
// not offer it.
func (m *Model) idle(a act) bool {
	if m.snap == nil || m.run == "" {
		return false
	}
	c := m.snap.Counts
	switch a {
	case actFails, actNextFail:
		return c.Failed == 0
	case actRetry:
		return c.Failed+c.Cancelled+c.Retrying == 0
	case actRunning:
		return c.Running == 0
	case actForecast:
		return m.snap.ETA == 0
	case actRollout:
		return len(shares(m.snap)) == 0
	case actPause, actStop, actCancel:
		return isOver(m.snap.Run.Standing)
	}
	return false
}

// strip is the release checklist in one line. Where it does not fit, what is
// done and what is to come are counted, and what has something to tell stays.
func (m *Model) strip(w int) string {
	l := m.look
	parts := make([]string, len(m.board.stages))
	for i, s := range m.board.stages {
		state := worst(s.total)
		parts[i] = l.safe(s.name) + " " + l.glyph(state)
		if s.total.Passed > 0 && state != pipeline.Passed && !only(s.total, pipeline.Waiting, pipeline.Blocked) {
			parts[i] += fmt.Sprintf(" %d%%", s.total.Passed*100/s.total.Total())
		}
	}
	wide := l.pick(" ── ", " -- ")
	for _, sep := range []string{wide, l.pick(" ─ ", " - "), "  "} {
		if line := " " + strings.Join(parts, sep); ansi.StringWidth(line) <= w {
			return line
		}
	}
	var rest []string
	done, ahead := 0, 0
	for i, s := range m.board.stages {
		switch {
		case worst(s.total) == pipeline.Passed:
			done++
		case only(s.total, pipeline.Waiting, pipeline.Blocked):
			ahead++
		default:
			rest = append(rest, parts[i])
		}
	}
	shown := []string{fmt.Sprintf("%d of %s done", done, plural(len(parts), "stage"))}
	if shown = append(shown, rest...); ahead > 0 {
		shown = append(shown, fmt.Sprintf("%d to come", ahead))
	}
	if line := " " + strings.Join(shown, wide); ansi.StringWidth(line) <= w {
		return line
	}
	return l.fit(" "+strings.Join(shown, "  "), w)
}
