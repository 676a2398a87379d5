package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// mailsScreen is the run's mails, the chosen one in full.
type mailsScreen struct {
	list
	scroll int // lines of the text above the window
}

func (*mailsScreen) name() screenName          { return screenMails }
func (*mailsScreen) ask(m *Model) question     { return askFacts(m) }
func (*mailsScreen) keys(*Model) []act         { return []act{actPageDown, actCopy} }
func (*mailsScreen) command(m *Model) []string { return []string{"task", "ls", m.run, "stage:mail"} }

func (s *mailsScreen) copyables(m *Model) []copyable {
	if s.at >= len(m.facts.Mails) {
		return nil
	}
	f := m.facts.Mails[s.at]
	return []copyable{{"s", "subject", f.Subject}, {"t", "to", f.To}, {"m", "text", f.Text}}
}

// do moves among the mails by rows, and in the text of one by pages.
func (s *mailsScreen) do(m *Model, a act) tea.Cmd {
	page := max(1, m.h/2)
	switch a {
	case actPageDown:
		s.scroll += page
	case actPageUp:
		s.scroll -= page
	default:
		if s.move(a, len(m.facts.Mails), page) {
			s.scroll = 0
		}
	}
	return nil
}

func (s *mailsScreen) body(m *Model, w, h int) []string {
	l := m.look
	if len(m.facts.Mails) == 0 {
		return []string{"", " no mail yet: each goes out at its turn (go to build, candidates ready, push, ship)"}
	}
	lines := []string{"", l.paint(head, fmt.Sprintf("  %-8s %-14s %s", "STATE", "WHEN", "SUBJECT"))}
	from, to := s.window(len(m.facts.Mails), max(3, h/3))
	for i := from; i < to; i++ {
		f := m.facts.Mails[i]
		when := "-"
		if !f.When.IsZero() {
			when = f.When.UTC().Format("Jan 02 15:04Z")
		}
		lines = append(lines, l.fit(fmt.Sprintf("%s %-8s %-14s %s", pointer(i == s.at), l.safe(f.State), when, l.safe(f.Subject)), w))
	}
	mail := m.facts.Mails[s.at]
	text := append([]string{" To: " + l.safe(mail.To), ""}, strings.Split(strings.TrimRight(mail.Text, "\n"), "\n")...)
	room := max(1, h-len(lines)-1)
	s.scroll = max(0, min(s.scroll, len(text)-room))
	seen := text[s.scroll:min(len(text), s.scroll+room)]
	rule := strings.Repeat("-", w)
	if len(text) > room {
		rule = l.ends(strings.Repeat("-", w), fmt.Sprintf("lines %d to %d of %d", s.scroll+1, s.scroll+len(seen), len(text)), w)
	}
	lines = append(lines, l.paint(quiet, rule))
	for _, line := range seen {
		lines = append(lines, l.fit(" "+l.safe(line), w))
	}
	return lines
}
