package tui

import (
	"context"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"slipway/release/engine"
)

// historyScreen is what happened, newest first, and who did it.
type historyScreen struct {
	list
	events []engine.Event // oldest first
	query  string
}

func (*historyScreen) name() screenName          { return screenHistory }
func (*historyScreen) keys(*Model) []act         { return []act{actOpen, actReplay, actVerify, actCopy} }
func (*historyScreen) command(m *Model) []string { return []string{"history", m.run} }
func (s *historyScreen) filter() string          { return s.query }
func (s *historyScreen) setFilter(q string)      { s.query, s.at = q, 0 }

// ask reads only what came after the events at hand.
func (s *historyScreen) ask(m *Model) question {
	run, after := m.run, s.last()
	return func(ctx context.Context, src Source) (func(*Model), error) {
		fresh, err := src.History(ctx, run, after)
		if err != nil {
			return nil, err
		}
		return func(*Model) {
			if s.last() == after { // else an answer that overtook this one brought them
				s.events = append(s.events, fresh...)
			}
		}, nil
	}
}

// last is the sequence number of the newest event at hand.
func (s *historyScreen) last() int64 {
	if len(s.events) == 0 {
		return 0
	}
	return s.events[len(s.events)-1].Seq
}

// rows are the events that match, newest first.
func (s *historyScreen) rows() []engine.Event {
	var out []engine.Event
	for i := len(s.events) - 1; i >= 0; i-- {
		if e := s.events[i]; holds(s.query, eventField(e), func() string { return eventLine(e) }) {
			out = append(out, e)
		}
	}
	return out
}

// eventField are the fields one can ask an event for.
func eventField(e engine.Event) func(string) []string {
	return func(name string) []string {
		switch name {
		case "kind":
			return []string{string(e.Type)}
		case "by":
			return []string{actor(e)}
		}
		return nil
	}
}

// chosen is the event under the cursor.
func (s *historyScreen) chosen() (engine.Event, bool) {
	rows := s.rows()
	if s.at >= len(rows) {
		return engine.Event{}, false
	}
	return rows[s.at], true
}

func (s *historyScreen) copyables(*Model) []copyable {
	e, ok := s.chosen()
	if !ok {
		return nil
	}
	return []copyable{{"e", "entry", fmt.Sprintf("#%d %s %s: %s", e.Seq, e.At.UTC().Format(time.RFC3339), actor(e), eventLine(e))}, {"t", "text", e.Text}, {"h", "key", e.Key}}
}

func (s *historyScreen) do(m *Model, a act) tea.Cmd {
	if s.move(a, len(s.rows()), m.h-12) {
		return nil
	}
	switch a {
	case actVerify:
		run := m.run
		return m.away("history", actionTime, func(ctx context.Context, src Source) (string, error) {
			n, err := src.Chain(ctx, run)
			return fmt.Sprintf("chain verified, %d entries", n), err
		})
	case actReplay:
		if e, ok := s.chosen(); ok && m.snap != nil {
			return m.push(newReplay(m.snap, s.events, e.Seq))
		}
	case actOpen:
		if e, ok := s.chosen(); ok && m.snap != nil && e.Task != "" {
			return m.openTask(e.Task)
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
	form := "2006-01-02 15:04:05"
	if w < 100 {
		form = "Jan 02 15:04"
	}
	lines := []string{
		l.ends(title, fmt.Sprintf("%d of %d, newest first", len(rows), len(s.events)), w),
		l.paint(head, l.ends(fmt.Sprintf("  %-*s %-10s %-9s WHAT", len(form), "TIME UTC", "WHO", "KIND"), "ENTRY", w)),
	}
	from, to := s.window(len(rows), h-len(lines)-6)
	for i := from; i < to; i++ {
		e := rows[i]
		line := fmt.Sprintf("%s %s %s %-9s %s", pointer(i == s.at), e.At.UTC().Format(form), l.fit(l.safe(actor(e)), 10), e.Type, l.safe(eventLine(e)))
		lines = append(lines, l.ends(line, fmt.Sprintf("#%d", e.Seq), w))
	}
	if s.at < len(rows) {
		lines = append(lines, s.detail(l, rows[s.at], w)...)
	}
	return lines
}

func (s *historyScreen) detail(l Look, e engine.Event, w int) []string {
	lines := []string{"", l.paint(head, fmt.Sprintf(" ENTRY #%d", e.Seq))}
	previous := ""
	if e.Prev != "" {
		previous = fmt.Sprintf("%s  hash of entry #%d", e.Prev, e.Seq-1)
	}
	for _, f := range [][2]string{{"when", e.At.UTC().Format(time.RFC3339)}, {"text", e.Text}, {"key", e.Key}, {"result", e.Out}, {"previous", previous}} {
		if f[1] != "" {
			lines = append(lines, l.fit(fmt.Sprintf("   %-9s %s", f[0], l.safe(strings.TrimSpace(f[1]))), w))
		}
	}
	return lines
}
