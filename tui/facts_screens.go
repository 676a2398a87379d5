package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// factScreen marks the screens that need [Facts].
type factScreen interface{ facts() }

// updatesScreen is the diff cache and which partial costs what.
type updatesScreen struct{ list }

func (*updatesScreen) name() screenName        { return screenUpdates }
func (*updatesScreen) facts()                  {}
func (*updatesScreen) keys() []act             { return []act{actTasks} }
func (*updatesScreen) command(*Model) []string { return []string{"cache", "stats"} }
func (u *updatesScreen) do(m *Model, a act) tea.Cmd {
	if a == actOpen && u.at < len(m.facts.Updates) {
		return m.push(&tasksScreen{query: "kind:partial " + m.facts.Updates[u.at].From})
	}
	u.move(a, len(m.facts.Updates), 10)
	return nil
}

func (u *updatesScreen) body(m *Model, w, h int) []string {
	l, c := m.look, m.facts.Cache
	rate := 0
	if c.Lookups > 0 {
		rate = int(c.Hits * 100 / c.Lookups)
	}
	lines := []string{
		"", l.paint(head, " DIFF CACHE"),
		fmt.Sprintf(" lookups   %d", c.Lookups),
		fmt.Sprintf(" hits      %d", c.Hits),
		fmt.Sprintf(" hit rate  %s %d%%", l.bar(rate, 100, 20), rate),
		fmt.Sprintf(" saved     %s of work, %s not made again", spell(c.TimeSaved), size(c.BytesSaved)),
		fmt.Sprintf(" on disk   %s%s", size(c.Size), limitWord(c.Limit)),
		"", l.paint(head, fmt.Sprintf("  %-16s %9s %12s %12s %7s %6s %8s", "PARTIALS FROM", "MADE", "COMPLETES", "PARTIALS", "SAVES", "FOUND", "TIME")),
	}
	if len(m.facts.Updates) == 0 {
		return append(lines, " none yet: partials are made after signing, from the priors in the plan")
	}
	from, to := u.window(len(m.facts.Updates), h-len(lines))
	for i := from; i < to; i++ {
		f := m.facts.Updates[i]
		saves, hit := "-", "-"
		if f.Complete > 0 {
			saves = fmt.Sprintf("%d%%", 100-f.Partial*100/f.Complete)
		}
		if f.Done > 0 {
			hit = fmt.Sprintf("%d%%", f.Cached*100/f.Done)
		}
		lines = append(lines, l.fit(fmt.Sprintf("%s %-16s %9s %12s %12s %7s %6s %8s", pointer(i == u.at), l.safe(f.From),
			fmt.Sprintf("%d/%d", f.Done, f.Total), size(f.Complete), size(f.Partial), saves, hit, spell(f.Took)), w))
	}
	return append(lines, "", " Every partial is applied to its prior release and compared before it is published (stage verify).")
}

func limitWord(n int64) string {
	if n == 0 {
		return ""
	}
	return " of " + size(n)
}

// size is bytes as people say them, in powers of ten as disks and networks are.
func size(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	v, u := float64(n), 0
	for v >= 1000 && u < len(units)-1 {
		v, u = v/1000, u+1
	}
	if u == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", v, units[u])
}

// signingScreen is keys with fingerprints and expiry, and the queue.
type signingScreen struct{ list }

func (*signingScreen) name() screenName { return screenSigning }
func (*signingScreen) facts()           {}
func (*signingScreen) keys() []act      { return []act{actTasks} }
func (*signingScreen) command(m *Model) []string {
	return []string{"task", "ls", m.run, "--select", "stage:sign"}
}
func (s *signingScreen) do(m *Model, a act) tea.Cmd {
	s.move(a, len(m.facts.Keys), 10)
	return nil
}

func (s *signingScreen) body(m *Model, w, h int) []string {
	l, now := m.look, m.env.Now()
	lines := []string{"", l.paint(head, "  KEYS   compare the fingerprint with the card")}
	s.clamp(len(m.facts.Keys))
	for i, k := range m.facts.Keys {
		expires := "never expires"
		if !k.Expires.IsZero() {
			expires = "expires " + k.Expires.UTC().Format("2006-01-02")
			if left := k.Expires.Sub(now); left < 60*24*time.Hour {
				expires = l.paint(warn, fmt.Sprintf("! %s, in %s", expires, spell(left)))
			}
		}
		lines = append(lines,
			l.fit(fmt.Sprintf("%s %-10s %s  %s  %s", pointer(i == s.at), l.safe(k.Purpose), l.safe(k.Name), l.safe(k.Algorithm), expires), w),
			l.fit("             "+fingerprint(l.safe(k.Fingerprint)), w))
		if k.Problem != "" {
			lines = append(lines, l.fit("             "+l.paint(bad, "cannot sign: "+l.safe(k.Problem)), w))
		}
	}
	if len(m.facts.Keys) == 0 {
		lines = append(lines, "   slipway.yaml names no key: nothing will be signed")
	}
	lines = append(lines, "", l.paint(head, fmt.Sprintf("  %-14s %-34s %6s", "FORMAT", "DONE", "FAILED")))
	for _, f := range m.facts.Signed {
		lines = append(lines, fmt.Sprintf("  %-14s %s %5d/%-6d %4d", l.safe(f.Format), l.bar(f.Done, f.Total, 20), f.Done, f.Total, f.Failed))
	}
	return lines
}

// fingerprint in groups of four, as cards print it.
func fingerprint(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// mailsScreen is the run's mails, the chosen one in full.
type mailsScreen struct{ list }

func (*mailsScreen) name() screenName { return screenMails }
func (*mailsScreen) facts()           {}
func (*mailsScreen) keys() []act      { return []act{actUp, actDown} }
func (*mailsScreen) command(m *Model) []string {
	return []string{"task", "ls", m.run, "--select", "stage:mail"}
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
