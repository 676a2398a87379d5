package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"slipway/release/engine"
)

// approval is the dialog of one gate. It is bound to the key it shows: when
// what the gate guards changes while the dialog is open, it says so and takes
// no answer.
type approval struct {
	gate   engine.GateView // as it was when the dialog opened
	run    engine.Run
	reject bool
	role   int
	field  int // role, reason, version
	reason string
	typed  string
	opened time.Time
	stale  bool
	note   string
}

const (
	fieldRole = iota
	fieldReason
	fieldVersion
	approvalFields
)

func newApproval(m *Model, gate engine.GateView, reject bool) dialog {
	return &approval{gate: gate, run: m.snap.Run, reject: reject, opened: m.env.Now(), field: fieldReason}
}

func (a *approval) title() string {
	verb := "APPROVE"
	if a.reject {
		verb = "REJECT"
	}
	return fmt.Sprintf("%s  %s  %s %s build%d", verb, a.gate.Gate.Name, a.run.Product, a.run.Version, a.run.Build)
}

func (a *approval) verb() string {
	if a.reject {
		return "reject"
	}
	return "approve"
}

func (a *approval) command(*Model) []string {
	reason := a.reason
	if reason == "" {
		reason = "TEXT"
	}
	return []string{a.verb(), a.run.ID, a.gate.Gate.Name, "--as", a.as(), "--confirm", a.run.Version, "--reason", reason}
}

func (a *approval) as() string {
	if names := roles(a.gate.Gate); len(names) > 0 {
		return names[a.role%len(names)]
	}
	return ""
}

// watch compares what is shown with the gate as it stands now.
func (a *approval) watch(m *Model) {
	for _, g := range m.snap.Gates {
		if g.Task != a.gate.Task {
			continue
		}
		switch {
		case g.State != a.gate.State:
			a.stale = true
			a.note = fmt.Sprintf("%s does not wait any more: %s", g.Gate.Name, markOf(g.State).word)
		case g.Key != a.gate.Key:
			a.stale = true
			a.note = fmt.Sprintf("the gate guards other bytes now (%s, shown: %s): close and look again", short(g.Key), short(a.gate.Key))
		}
	}
}

func (a *approval) lines(m *Model, w, h int) []string {
	l := m.look
	lines := []string{
		fmt.Sprintf("Release    %s %s build%d   channel %s   (digests: SHA-256)", l.safe(a.run.Product), l.safe(a.run.Version), a.run.Build, l.safe(a.run.Channel)),
		"Question   " + l.safe(a.gate.Gate.Question),
		"Guards     " + l.safe(strings.TrimPrefix(a.gate.Key, "sha256:")),
		"Plan       " + l.safe(strings.TrimPrefix(a.run.Plan, "sha256:")),
		"",
	}
	if m.snap != nil {
		checked, opens := evidence(m.snap, a.gate.Task, l)
		lines = append(append(lines, hang("BEHIND IT  ", checked, w)...), hang("OPENS      ", []string{opens}, w)...)
		lines = append(lines, m.soakLines(a.gate, w)...)
		lines = append(lines, "")
	}
	lines = append(lines, "SIGN-OFFS  "+missing(a.gate))
	for _, s := range a.gate.Signoffs {
		lines = append(lines, fmt.Sprintf("  %s %s as %s %s: %s", l.pick("✓", "+"), l.safe(s.By), l.safe(s.Role), s.At.UTC().Format("15:04Z"), l.safe(s.Reason)))
	}
	lines = append(lines, "",
		field(l, "You, "+l.safe(m.env.User)+", as", a.as(), a.field == fieldRole),
		field(l, "Reason", a.reason, a.field == fieldReason),
		field(l, "Type the version", a.typed, a.field == fieldVersion)+"  want: "+l.safe(a.run.Version),
	)
	if a.note != "" {
		lines = append(lines, "", l.paint(warn, l.safe(a.note)))
	}
	lines = append(lines, "", "enter sign     tab next field     left/right role     esc not now")
	if len(lines) > h { // blank lines go first, then the middle: the fields must stay in sight
		lines = slices.DeleteFunc(lines, func(s string) bool { return s == "" })
	}
	if len(lines) > h {
		lines = append(lines[:1], lines[1+len(lines)-h:]...)
	}
	return lines
}

// hang sets parts after a label, over as many lines as they need.
func hang(label string, parts []string, w int) []string {
	var lines []string
	line := label
	for i, part := range parts {
		if i > 0 && ansi.StringWidth(line+part) > w {
			lines = append(lines, line)
			line = strings.Repeat(" ", len(label))
		}
		line += part + "  "
	}
	return append(lines, line)
}

func (a *approval) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	name := k.String()
	if name == "esc" {
		m.dialog = nil
		return nil
	}
	if m.env.Now().Sub(a.opened) < deaf {
		a.note = "keys of the first second are ignored; type now"
		return nil
	}
	if a.stale {
		return nil
	}
	a.note = ""
	switch {
	case name == "tab" || name == "down":
		a.field = (a.field + 1) % approvalFields
	case name == "shift+tab" || name == "up":
		a.field = (a.field + approvalFields - 1) % approvalFields
	case name == "enter":
		return a.sign(m)
	case a.field == fieldRole && (name == "left" || name == "right" || name == "space"):
		a.role++
	case a.field == fieldReason:
		a.reason = edit(a.reason, k)
	case a.field == fieldVersion:
		a.typed = edit(a.typed, k)
	}
	return nil
}

func (a *approval) sign(m *Model) tea.Cmd {
	switch {
	case strings.TrimSpace(a.reason) == "":
		a.field, a.note = fieldReason, "a reason is needed: it is written to the history"
	case a.typed != a.run.Version:
		a.field, a.note = fieldVersion, fmt.Sprintf("typed %q, want %q", a.typed, a.run.Version)
	default:
		m.dialog = nil
		return m.send(engine.Command{
			Verb: a.verb(), Gate: a.gate.Task, Role: a.as(), Reason: strings.TrimSpace(a.reason), Key: a.gate.Key,
		})
	}
	return nil
}

func (a *approval) paste(m *Model, s string) {
	if a.field == fieldReason {
		a.reason += m.look.safe(strings.TrimSpace(s))
		return
	}
	a.note = "this cannot be pasted: type it"
}
