package tui

import (
	"os/exec"

	tea "charm.land/bubbletea/v2"
)

// welcome is the first screen of somebody who has nothing yet.
func (m *Model) welcome() []string {
	l := m.look
	lines := []string{"", l.paint(head, " No release yet."), ""}
	if m.env.Product.Config == "" {
		return append(lines,
			" There is no slipway.yaml here. Three ways to begin:", "",
			"   "+l.fit(m.keys.key(actOpen), 6)+" slipway demo: ships a real little product, Skiff, into build/demo, and opens it;",
			"          takes a minute, needs Go and git, and prints each command it runs",
			"   "+l.fit(m.keys.key(actInit), 6)+" slipway init: writes a commented slipway.yaml for a product of yours",
			"          docs/tutorial.md ships a product of your own step by step")
	}
	return append(lines,
		" Product: "+l.safe(m.env.Product.Title)+"  ("+l.safe(m.env.Product.Config)+")", "",
		"   "+m.keys.key(actNew)+"  starts a release: version, revisions, scope, preview of the go-to-build mail")
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
