package tui

import (
	"fmt"
	"os/exec"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"slipway/release/pipeline"
)

// title names what is looked at for the window list: state, version, percent.
func (m *Model) title() string {
	if m.snap == nil || m.run == "" {
		return "slipway"
	}
	return fmt.Sprintf("%s %sb%d %d%%", m.look.pick(standings[m.snap.Run.Standing].glyph, standings[m.snap.Run.Standing].ascii),
		m.look.safe(m.snap.Run.Version), m.snap.Run.Build, m.board.percent())
}

func (m *Model) progress() *tea.ProgressBar {
	state := tea.ProgressBarDefault
	if m.snap.Counts.Failed > 0 {
		state = tea.ProgressBarError
	}
	return tea.NewProgressBar(state, m.board.percent())
}

// notice rings once for each turn that wants a person: a gate that opened to
// them, the first failure of a stage, the end. Never while they look; where
// the terminal does not tell, a bell too many is better than none.
func (m *Model) notice() tea.Cmd {
	if m.snap == nil {
		return nil
	}
	first := !m.noticed[m.run] // what stood already when one came is no news
	m.noticed[m.run] = true
	var news []string
	once := func(key, text string) {
		if !m.noticed[m.run+"\x00"+key] {
			m.noticed[m.run+"\x00"+key] = true
			news = append(news, text)
		}
	}
	for _, g := range m.snap.Gates {
		if g.State == pipeline.Held {
			once("gate "+g.Task+g.Key, m.run+" waits at "+g.Gate.Name)
		}
	}
	for _, s := range m.board.stages {
		if s.total.Failed > 0 {
			once("failed "+s.name, m.run+": a task of "+s.name+" failed")
		}
	}
	if m.snap.Run.Standing == pipeline.Done {
		once("done", m.run+" is done")
	}
	if len(news) == 0 || first || m.focus == focusIn {
		return nil
	}
	return tea.Raw("\a" + m.desktopNotice(news[0]))
}

// desktopNotice is OSC 9. Inside tmux it is wrapped, and tmux shows it only
// where allow-passthrough is on; GNU screen would print it. The bell always
// works.
func (m *Model) desktopNotice(s string) string {
	osc := ansi.Notify(m.look.safe(s))
	switch {
	case m.env.Screen:
		return ""
	case m.env.Tmux:
		return ansi.TmuxPassthrough(osc)
	}
	return osc
}

// welcome is the first screen of somebody who has nothing yet.
func (m *Model) welcome() []string {
	l := m.look
	lines := []string{"", l.paint(head, " No release yet."), ""}
	if m.env.Product.Config == "" {
		return append(lines,
			" There is no slipway.yaml here. Three ways to begin:", "",
			"   enter  slipway demo: ships a real little product, Skiff, into build/demo, and opens it;",
			"          takes a minute, needs Go and git, and prints each command it runs",
			"   i      slipway init: writes a commented slipway.yaml for a product of yours",
			"          docs/tutorial.md ships a product of your own step by step")
	}
	return append(lines,
		" Product: "+l.safe(m.env.Product.Title)+"  ("+l.safe(m.env.Product.Config)+")", "",
		"   n  starts a release: version, revisions, scope, preview of the go-to-build mail")
}

// demoDir is where the demo goes, as "slipway demo" has it.
const demoDir = "build/demo"

// firstStep is what enter does where there is no release. The demo is shown as
// it runs, on a terminal of its own, and then a console on what it made.
func (m *Model) firstStep() tea.Cmd {
	if m.env.Product.Config != "" {
		return m.newRelease()
	}
	if m.env.ReadOnly {
		m.say(warn, "read-only: slipway demo was not run")
		return nil
	}
	return tea.ExecProcess(m.self("demo", "--dir", demoDir), func(err error) tea.Msg { return demoMsg{err} })
}

// demoMsg is the end of the demo.
type demoMsg struct{ err error }

func (m *Model) afterDemo(msg demoMsg) tea.Cmd {
	if msg.err != nil {
		m.say(bad, "slipway demo: "+msg.err.Error()+"; enter goes on where it ended")
		return nil
	}
	there := m.self("--config", "slipway.yaml", "--state", "state", "--cache", "cache", "console")
	there.Dir = demoDir
	return tea.Sequence(tea.ExecProcess(there, func(error) tea.Msg { return tea.QuitMsg{} }))
}

// self is one of our own verbs as a process that has the terminal.
func (m *Model) self(args ...string) *exec.Cmd { return exec.Command(m.env.Self, args...) }

// nameProduct asks for the name that slipway.yaml begins with.
func (m *Model) nameProduct() {
	m.dialog = &confirm{
		what: "SLIPWAY INIT", opened: m.env.Now().Add(-deaf), label: "Product name", reason: true,
		text: []string{"Writes slipway.yaml here, with comments; nothing is overwritten.", "Letters, digits and dashes, beginning with a letter."},
		args: []string{"init"},
		act:  func(m *Model, name string) tea.Cmd { return m.exec("init", name) },
	}
}
