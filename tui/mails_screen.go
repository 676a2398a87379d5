package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// mailsScreen is the run's mails, the chosen one in full.
type mailsScreen struct{ list }

func (*mailsScreen) name() screenName { return screenMails }
func (*mailsScreen) facts()           {}
func (*mailsScreen) keys() []act      { return nil }
func (*mailsScreen) command(m *Model) []string {
	return []string{"task", "ls", m.run, "stage:mail"}
}

func (s *mailsScreen) do(m *Model, a act) tea.Cmd {
	s.move(a, len(m.facts.Mails), 10)
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
	lines = append(lines, l.paint(quiet, strings.Repeat("-", w)), l.fit(" To: "+l.safe(mail.To), w), "")
	for _, text := range strings.Split(mail.Text, "\n") {
		lines = append(lines, l.fit(" "+l.safe(text), w))
	}
	return lines
}
