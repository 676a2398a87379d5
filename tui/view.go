package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
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
	if r, ok := m.top().(*replayScreen); ok {
		m = r.model(m)
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
		bottom = append(bottom, m.bottomLine(w))
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
	if title, text, width := m.asked(w, h); title != "" {
		lines = m.look.overlay(lines, m.look.box(title, text, width), w)
	}
	return m.look.frame(lines, w, h)
}

// asked is what stands on top of the screen: a dialog or the help.
func (m *Model) asked(w, h int) (title string, text []string, width int) {
	switch {
	case m.dialog != nil:
		width = min(w, 96)
		return m.dialog.title(), m.dialog.lines(m, width-4, h-4), width
	case m.help:
		width = min(w, 108)
		return m.keys.key(actHelp) + " HELP  " + string(m.top().name()), m.helpLines(width-4, h-4), width
	}
	return "", nil, 0
}

// bottomLine is the filter being typed, or the verb that does the same.
func (m *Model) bottomLine(w int) string {
	if m.line != nil {
		return m.look.fit(" / "+m.look.safe(m.line.text)+m.look.pick("▏", "|"), w)
	}
	return m.look.paint(quiet, m.look.fit(" same: "+m.look.safe(m.commandLine()), w))
}

// keyRow is the keys that work now. A dialog says itself which those are.
func (m *Model) keyRow(w int) string {
	l := m.look
	if title, _, _ := m.asked(w, m.h); title != "" {
		return ""
	}
	if m.line != nil {
		return l.fit(" "+m.line.hint(m), w)
	}
	if h, ok := m.top().(interface{ hint(m *Model) string }); ok {
		return l.fit(" "+h.hint(m), w)
	}
	var known []act
	for _, a := range append(append([]act{}, m.top().keys(m)...), actFilter, actPalette, actHelp, actDetach) {
		if m.keys.works(a, m.top().name()) && !m.idle(a) {
			known = append(known, a)
		}
	}
	text := m.hints(known)
	for len(known) > 2 && ansi.StringWidth(text)+2 > w {
		known = append(known[:len(known)-3], known[len(known)-2:]...) // help and detach stay
		text = m.hints(known)
	}
	return l.fit(" "+text, w)
}

// hints names acts with their keys.
func (m *Model) hints(acts []act) string {
	var pairs []string
	for _, a := range acts {
		pairs = append(pairs, m.spellKey(m.keys.key(a)), string(a))
	}
	return m.look.hints(pairs...)
}

// hints sets keys, which stand out, each before what it does.
func (l Look) hints(pairs ...string) string {
	var parts []string
	for i := 0; i+1 < len(pairs); i += 2 {
		parts = append(parts, l.paint(head, pairs[i])+" "+pairs[i+1])
	}
	return strings.Join(parts, "  ")
}

// statusLine is all that fits on a very small terminal.
func (m *Model) statusLine() string {
	if m.snap == nil {
		return fmt.Sprintf("slipway: %s", plural(len(m.runs), "release"))
	}
	return fmt.Sprintf("%s %s b%d %d%% %d failed", m.standing(m.snap.Run), m.snap.Run.Version, m.snap.Run.Build,
		m.board.percent(), m.snap.Counts.Failed)
}
