package tui

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"slipway/release/engine"
)

// historyScreen is what happened, newest first, and who did it.
type historyScreen struct {
	list
	events []engine.Event
	query  string
}

func (*historyScreen) name() screenName          { return screenHistory }
func (*historyScreen) keys() []act               { return []act{actVerify} }
func (*historyScreen) command(m *Model) []string { return []string{"history", m.run} }
func (s *historyScreen) filter() string          { return s.query }
func (s *historyScreen) setFilter(q string)      { s.query, s.at = q, 0 }

// rows are the events that match, newest first.
func (s *historyScreen) rows() []engine.Event {
	var out []engine.Event
	words := strings.Fields(strings.ToLower(s.query))
	for i := len(s.events) - 1; i >= 0; i-- {
		if matches(s.events[i], words) {
			out = append(out, s.events[i])
		}
	}
	return out
}

// matches wants all words: kind:approval,run or by:ann, else text.
func matches(e engine.Event, words []string) bool {
	line := ""
	for _, word := range words {
		name, value, _ := strings.Cut(word, ":")
		switch name {
		case "kind":
			if !slices.Contains(strings.Split(value, ","), string(e.Type)) {
				return false
			}
		case "by":
			if !strings.HasPrefix(strings.ToLower(actor(e)), value) {
				return false
			}
		default:
			if line == "" {
				line = strings.ToLower(eventLine(e))
			}
			if !strings.Contains(line, word) {
				return false
			}
		}
	}
	return true
}

// actor is who did it; what nobody asked for the engine did.
func actor(e engine.Event) string { return cmp.Or(e.By, "engine") }

// eventLine says an event in words.
func eventLine(e engine.Event) string {
	switch e.Type {
	case engine.TaskEvent:
		s := fmt.Sprintf("%s %s", e.Task, markOf(e.To).word)
		if e.Cached {
			s += " (found by key)"
		}
		if e.Cause != "" {
			s += ": " + e.Cause
		}
		return s
	case engine.ApprovalEvent:
		return fmt.Sprintf("%s %s as %s: %s", e.What, e.Task, e.Role, e.Text)
	}
	s := e.What
	if e.Standing != "" {
		s += ": " + string(e.Standing)
	}
	if e.Task != "" {
		s += " " + e.Task
	}
	if e.Text != "" {
		s += ": " + e.Text
	}
	return s
}

func (s *historyScreen) do(m *Model, a act) tea.Cmd {
	if s.move(a, len(s.rows()), m.h-12) {
		return nil
	}
	if a == actVerify {
		src, run := m.src, m.run
		return func() tea.Msg {
			ctx, cancel := context.WithTimeout(context.Background(), actionTime)
			defer cancel()
			n, err := src.Chain(ctx, run)
			return doneMsg{what: "history", said: fmt.Sprintf("chain verified, %d entries", n), err: err}
		}
	}
	return nil
}

func (s *historyScreen) body(m *Model, w, h int) []string {
	l, rows := m.look, s.rows()
	title := " / filter: text, kind:approval,run or by:name"
	if s.query != "" {
		title = " / " + l.safe(s.query)
	}
	form, stamp := "2006-01-02 15:04:05", 20
	if w < 100 {
		form, stamp = "15:04:05", 9 // the day is in the entry's own page below
	}
	lines := []string{
		l.ends(title, fmt.Sprintf("%d of %d, newest first", len(rows), len(s.events)), w),
		l.paint(head, l.fit(fmt.Sprintf("  %-*s %-10s %-9s WHAT", stamp, "TIME UTC", "WHO", "KIND"), w-8)+"   ENTRY"),
	}
	from, to := s.window(len(rows), h-len(lines)-6)
	for i := from; i < to; i++ {
		e := rows[i]
		line := fmt.Sprintf("%s %-*s %s %-9s %s", pointer(i == s.at), stamp, e.At.UTC().Format(form), l.fit(l.safe(actor(e)), 10), e.Type, l.safe(eventLine(e)))
		lines = append(lines, l.ends(line, fmt.Sprintf("#%d", e.Seq), w))
	}
	if s.at < len(rows) {
		lines = append(lines, s.detail(l, rows[s.at], w)...)
	}
	return lines
}

func (s *historyScreen) detail(l Look, e engine.Event, w int) []string {
	lines := []string{"", l.paint(head, fmt.Sprintf(" ENTRY #%d", e.Seq))}
	for _, f := range [][2]string{{"when", e.At.UTC().Format(time.RFC3339)}, {"text", e.Text}, {"key", e.Key}, {"result", e.Out}, {"before", e.Prev}} {
		if f[1] != "" {
			lines = append(lines, l.fit(fmt.Sprintf("   %-8s %s", f[0], l.safe(f[1])), w))
		}
	}
	return lines
}
