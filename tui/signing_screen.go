package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// signingScreen is keys with fingerprints and expiry, and the queue.
type signingScreen struct{ list }

func (*signingScreen) name() screenName      { return screenSigning }
func (*signingScreen) ask(m *Model) question { return askFacts(m) }
func (*signingScreen) keys(*Model) []act     { return []act{actTasks} }
func (*signingScreen) command(m *Model) []string {
	return []string{"task", "ls", m.run, "stage:sign"}
}

func (s *signingScreen) do(m *Model, a act) tea.Cmd {
	s.move(a, len(m.facts.Keys), 10)
	return nil
}

func (s *signingScreen) body(m *Model, w, h int) []string {
	l, now := m.look, m.env.Now()
	lines := []string{"", l.paint(head, " KEYS   compare the fingerprint with the copy you trust")}
	s.clamp(len(m.facts.Keys))
	for i, k := range m.facts.Keys {
		expires := "never expires"
		if !k.Expires.IsZero() {
			expires = "expires " + k.Expires.UTC().Format("2006-01-02")
			if left := k.Expires.Sub(now); left < 60*24*time.Hour {
				expires = l.paint(warn, fmt.Sprintf("! %s, in %s", expires, spell(left)))
			}
		}
		lines = append(lines, l.fit(fmt.Sprintf("%s %-8s %s, %s  %s", pointer(i == s.at), l.safe(k.Purpose), l.safe(k.Algorithm), expires, l.safe(k.Name)), w))
		for _, part := range strings.Split(ansi.Wrap(fingerprint(l.safe(k.Fingerprint))+"  "+hashName(k.Fingerprint), max(10, w-12), ""), "\n") {
			lines = append(lines, l.fit("           "+part, w))
		}
		if k.Problem != "" {
			lines = append(lines, l.fit("           "+l.paint(bad, "cannot sign: "+l.safe(k.Problem)), w))
		}
	}
	switch {
	case !m.facts.KeysLoaded:
		lines = append(lines, l.fit("   asking the keys "+l.pick("…", "...")+" a program or a person may keep one", w))
	case len(m.facts.Keys) == 0:
		lines = append(lines, "   slipway.yaml names no key: nothing will be signed")
	}
	lines = append(lines, "", l.paint(head, fmt.Sprintf("  %-14s %-32s %8s %8s %8s", "FORMAT", "DONE", "RUNNING", "WAITING", "FAILED")))
	for _, f := range m.facts.Signed {
		lines = append(lines, fmt.Sprintf("  %-14s %s %5d/%-5d %8d %8d %8d", l.safe(f.Format), l.paint(good, l.bar(f.Done, f.Total, 20)), f.Done, f.Total,
			f.Running, f.Total-f.Done-f.Running-f.Failed, f.Failed))
	}
	if m.snap == nil {
		return lines
	}
	var latest []string
	for _, e := range newest(m.snap.Events, len(m.snap.Events)) {
		if strings.HasPrefix(e.Task, "sign/") && len(latest) < 6 {
			latest = append(latest, l.fit("   "+e.At.UTC().Format("15:04:05Z")+"  "+l.safe(eventLine(e)), w))
		}
	}
	if len(latest) > 0 {
		lines = append(append(lines, "", l.paint(head, " LATEST SIGNATURES")), latest...)
	}
	return append(lines, "", " Every signature is checked by the stage verify before anything is pushed.")
}

func (s *signingScreen) copyables(m *Model) []copyable {
	if s.at >= len(m.facts.Keys) {
		return nil
	}
	return []copyable{{"f", "fingerprint", m.facts.Keys[s.at].Fingerprint}, {"n", "key", m.facts.Keys[s.at].Name}}
}

// hashName tells which hash of the key a fingerprint is, by its length.
func hashName(fingerprint string) string {
	switch len(fingerprint) {
	case 40:
		return "(SHA-1)"
	case 64:
		return "(SHA-256)"
	}
	return ""
}

// fingerprint in groups of four capitals, as gpg prints it.
func fingerprint(s string) string {
	var b strings.Builder
	for i, r := range strings.ToUpper(s) {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
