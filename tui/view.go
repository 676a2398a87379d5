package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// Below these sizes less is shown, see [Model.Frame].
const (
	narrow    = 80 // one column
	tiny      = 40 // one status line
	tinyLines = 10
)

// View draws the frame. It is called after every message, so it draws what is
// visible and nothing else.
func (m *Model) View() tea.View {
	v := tea.NewView(strings.Join(m.Frame(), "\n"))
	v.AltScreen = true
	v.ReportFocus = true
	v.WindowTitle = m.title()
	if m.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	if m.snap != nil {
		v.ProgressBar = m.progress()
	}
	return v
}

// Frame is the screen as lines: never more than the height, none wider than
// the width.
func (m *Model) Frame() []string {
	w, h := m.w, m.h
	if w <= 0 || h <= 0 {
		return nil
	}
	if w < tiny || h < tinyLines {
		return m.look.frame([]string{m.statusLine()}, w, h)
	}
	top := []string{m.header(w)}
	if m.snap != nil && m.run != "" {
		top = append(top, m.strip(w))
	}
	bottom := []string{m.alerts(w)}
	if w >= narrow {
		bottom = append(bottom, m.look.paint(quiet, m.look.fit(" "+m.bottomLine(), w)))
	}
	bottom = append(bottom, m.keyRow(w))
	room := h - len(top) - len(bottom)
	body := m.top().body(m, w, room)
	if len(body) > room {
		body = body[:room]
	}
	for len(body) < room {
		body = append(body, "")
	}
	lines := append(append(top, body...), bottom...)
	switch {
	case m.dialog != nil:
		lines = m.look.overlay(lines, m.look.box(m.dialog.title(), m.dialog.lines(m, min(w, 96)-4, h-4), min(w, 96)), w)
	case m.line != nil && m.line.palette:
		lines = m.look.overlay(lines, m.look.box(": COMMAND PALETTE", m.line.choices(m, h-6), min(w, 86)), w)
	case m.help:
		lines = m.look.overlay(lines, m.look.box("? HELP  "+string(m.top().name()), m.helpLines(min(w, 108)-4, h-4), min(w, 108)), w)
	}
	return m.look.frame(lines, w, h)
}

// header says what is looked at, how it stands, who looks, and when.
func (m *Model) header(w int) string {
	l := m.look
	left, state := " slipway  "+string(m.top().name()), ""
	if m.snap != nil && m.run != "" {
		r := m.snap.Run
		left = fmt.Sprintf(" %s %s build%d  [%s]  %s", r.Product, r.Version, r.Build, r.Channel, m.top().name())
		state = m.standing(r) + fmt.Sprintf(" %d%%", m.board.percent())
		if w < narrow {
			left = fmt.Sprintf(" %s b%d %s", r.Version, r.Build, m.top().name())
		} else {
			state += "  engine: " + engineWord(r)
		}
	}
	right := m.env.Now().UTC().Format("15:04Z")
	if w >= 100 {
		right = m.env.User + "@" + m.env.Host + "   " + right
	}
	if m.env.ReadOnly {
		right = "read-only   " + right
	}
	if state != "" {
		right = state + "   " + right
	}
	return l.paint(head, l.ends(l.safe(left), right, w))
}

func engineWord(r engine.Run) string {
	if r.Lock.Run == r.ID && r.Lock.Engine {
		return "up"
	}
	return "none"
}

// standing is a run's state as glyph and word.
func (m *Model) standing(r engine.Run) string {
	s := standings[r.Standing]
	return m.look.pick(s.glyph, s.ascii) + " " + s.word
}

// standings is the legend of whole runs.
var standings = map[pipeline.Standing]mark{
	pipeline.Moving:  {"▶", ">", "RUNNING", busy},
	pipeline.AtGate:  {"◆", "?", "HOLD", need},
	pipeline.Pausing: {"‖", "=", "PAUSED", warn},
	pipeline.Broken:  {"✗", "X", "FAILED", bad},
	pipeline.Done:    {"✓", "+", "DONE", good},
	pipeline.Stopped: {"⊘", "-", "STOPPED", bad},
}

// strip is the release checklist in one line. Where it does not fit, what is
// done and what is to come are counted, and what has something to tell stays.
func (m *Model) strip(w int) string {
	l := m.look
	parts := make([]string, len(m.board.stages))
	for i, s := range m.board.stages {
		state := worst(s.total)
		parts[i] = s.name + " " + l.glyph(state)
		if n := s.total.Total(); state != pipeline.Passed && s.total.Passed > 0 {
			parts[i] += fmt.Sprintf(" %d%%", s.total.Passed*100/n)
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
		switch state := worst(s.total); {
		case state == pipeline.Passed:
			done++
		case s.total.Passed == 0 && (state == pipeline.Waiting || state == pipeline.Blocked):
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

// alerts is the row that says what needs you and what failed.
func (m *Model) alerts(w int) string {
	l := m.look
	if m.toast.text != "" && m.env.Now().Before(m.toast.until) {
		return l.paint(m.toast.tone, l.fit(" "+l.safe(m.toast.text), w))
	}
	if m.fault != nil {
		return l.paint(bad, l.fit(" "+l.pick("!", "!")+" the journal does not answer: "+l.safe(m.fault.Error()), w))
	}
	var parts []string
	right := ""
	if m.run != "" && m.snap != nil {
		if n := m.snap.Counts.Held; n > 0 {
			parts = append(parts, l.glyph(pipeline.Held)+" "+plural(n, "gate")+" waiting for people (A)")
		}
		if n := m.snap.Counts.Failed; n > 0 {
			parts = append(parts, l.glyph(pipeline.Failed)+" "+plural(n, "task")+" failed (F)")
		}
		if r := m.snap.Run; r.Standing == pipeline.Done && !r.Ended.IsZero() {
			parts = append(parts, l.glyph(pipeline.Passed)+" done at "+r.Ended.UTC().Format("Jan 02 15:04Z")+", "+spell(r.Ended.Sub(r.Began))+" after it began")
		}
		if m.snap.Why != "" && m.snap.Run.Standing != pipeline.Broken { // then it is the failures
			parts = append(parts, l.safe(m.snap.Why))
		}
		right = fmt.Sprintf("%d of %d", m.snap.Counts.Passed, m.snap.Counts.Total())
		if m.snap.ETA > 0 && m.snap.Run.Standing == pipeline.Moving {
			right += "  ETA " + spell(m.snap.ETA)
		}
	} else {
		held, failed := 0, 0
		for _, r := range m.runs {
			held, failed = held+r.Counts.Held, failed+r.Counts.Failed
		}
		if held > 0 {
			parts = append(parts, l.glyph(pipeline.Held)+" "+plural(held, "gate")+" waiting (A)")
		}
		if failed > 0 {
			parts = append(parts, l.glyph(pipeline.Failed)+" "+plural(failed, "task")+" failed (F)")
		}
		right = plural(len(m.runs), "release")
	}
	if w < 60 && len(parts) > 0 {
		right = "" // what needs somebody comes first
	}
	return l.ends(" "+strings.Join(parts, "   "), right, w)
}

// bottomLine is the filter being typed, or the verb that does the same.
func (m *Model) bottomLine() string {
	if m.line != nil && !m.line.palette {
		return "/ " + m.look.safe(m.line.text) + m.look.pick("▏", "|")
	}
	return "same: " + m.look.safe(m.commandLine())
}

func (m *Model) keyRow(w int) string {
	acts := append(append([]act{}, m.top().keys()...), actFilter, actPalette, actHelp, actDetach)
	var known []act
	for _, a := range acts {
		if a != actFilter || actOf("/", m.top().name()) == actFilter {
			known = append(known, a)
		}
	}
	for len(known) > 2 && len(hints(known...))+2 > w {
		known = append(known[:len(known)-3], known[len(known)-2:]...) // help and detach stay
	}
	text := hints(known...)
	if z, ok := m.top().(*wizard); ok {
		text = z.hint()
	}
	return m.look.paint(quiet, m.look.fit(" "+text, w))
}

// statusLine is all that fits on a very small terminal.
func (m *Model) statusLine() string {
	if m.snap == nil {
		return fmt.Sprintf("slipway: %s", plural(len(m.runs), "release"))
	}
	return fmt.Sprintf("%s %s b%d %d%% %d failed", m.standing(m.snap.Run), m.snap.Run.Version, m.snap.Run.Build,
		m.board.percent(), m.snap.Counts.Failed)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// spell is a duration as people say it: 41s, 2m03s, 1h42m, 2d04h.
func spell(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	switch {
	case d <= 0:
		return "0s"
	case s < 1:
		return "<1s"
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	case s < 24*3600:
		return fmt.Sprintf("%dh%02dm", s/3600, s/60%60)
	}
	return fmt.Sprintf("%dd%02dh", s/86400, s/3600%24)
}
