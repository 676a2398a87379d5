package tui

import (
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"slipway/release/engine"
	"slipway/release/text"
)

// Update takes in one message. It decides, and leaves all work to commands.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		m.env.Look.Light = !msg.IsDark()
		m.look.Light = m.env.Look.Light
	case tea.ColorProfileMsg:
		m.env.Look.Sixteen = msg.Profile == colorprofile.ANSI
		m.look.Sixteen = m.env.Look.Sixteen
	case tea.FocusMsg:
		m.focused = true
	case tea.BlurMsg:
		m.focused = false
	case tickMsg:
		return m, tea.Batch(m.poll(), tick())
	case pollMsg:
		return m, m.take(msg)
	case doneMsg:
		return m, m.done(msg)
	case demoMsg:
		return m, m.afterDemo(msg)
	case previewMsg:
		if w, ok := m.top().(*wizard); ok {
			w.take(msg)
		}
	case suggestMsg:
		if w, ok := m.top().(*wizard); ok {
			w.start(msg)
		}
	case tea.PasteMsg:
		return m, m.paste(msg.Content)
	case tea.KeyPressMsg:
		return m, m.key(msg)
	case tea.MouseWheelMsg:
		if msg.Button == tea.MouseWheelUp {
			return m, m.top().do(m, actUp)
		}
		return m, m.top().do(m, actDown)
	}
	return m, nil
}

// key sends a key where it belongs: what is asked on top comes first.
func (m *Model) key(k tea.KeyPressMsg) tea.Cmd {
	name := k.String()
	if name == "ctrl+c" {
		return tea.Quit
	}
	switch {
	case m.dialog != nil:
		return m.dialog.key(m, k)
	case m.line != nil:
		return m.line.key(m, k)
	case m.help:
		m.help = false
		return nil
	}
	if w, ok := m.top().(*wizard); ok {
		if cmd, taken := w.key(m, k); taken {
			return cmd
		}
	}
	return m.do(actOf(name, m.top().name()))
}

// do carries out an act: the console's own here, a screen's there.
func (m *Model) do(a act) tea.Cmd {
	switch a {
	case "":
		return nil
	case actDetach:
		return tea.Quit
	case actQuitMenu:
		m.dialog = quitMenu(m)
	case actSuspend:
		return tea.Suspend
	case actRepaint:
		return tea.ClearScreen
	case actHelp:
		m.help = true
	case actPalette:
		m.line = newPalette(m)
	case actBack:
		if f, ok := m.top().(filterable); ok && f.filter() != "" {
			f.setFilter("")
			return nil
		}
		m.back()
	case actFilter:
		if f, ok := m.top().(filterable); ok {
			m.line = newFilter(f)
		}
	case actCopy:
		return m.copy(m.commandLine())
	case actTheme:
		m.look = m.look.next(m.env.Look)
	case actMouse:
		m.mouse = !m.mouse
	case actApprove:
		return m.openGates()
	case actFails:
		return m.openFails()
	case actPause:
		return m.togglePause()
	case actStop:
		m.dialog = m.stopDialog()
	case actTasks, actUpdates, actSigning, actMails, actHistory:
		return m.open(a)
	default:
		return m.top().do(m, a)
	}
	return nil
}

// open shows a side screen of the release; the same key again goes back.
func (m *Model) open(a act) tea.Cmd {
	s := map[act]screen{
		actTasks: &tasksScreen{}, actUpdates: &updatesScreen{}, actSigning: &signingScreen{},
		actMails: &mailsScreen{}, actHistory: &historyScreen{},
	}[a]
	if s.name() == m.top().name() {
		m.back()
		return nil
	}
	return m.push(s)
}

// commandLine is what the user could type instead of looking at this screen.
func (m *Model) commandLine() string {
	args := m.top().command(m)
	if m.dialog != nil {
		args = m.dialog.command(m)
	}
	return m.typed(args)
}

// typed is a verb as a person would type it here, with the places of this
// console's journal and cache.
func (m *Model) typed(args []string) string {
	return text.ShellLine(slices.Concat([]string{"slipway"}, args, m.env.Flags))
}

// doneMsg is how an action ended.
type doneMsg struct {
	what string
	said string
	err  error
	open string // a release to open
}

func (m *Model) done(msg doneMsg) tea.Cmd {
	if msg.err != nil {
		m.say(bad, msg.what+": "+msg.err.Error())
		return nil
	}
	said := msg.said
	if said == "" {
		said = "done"
	}
	m.say(good, msg.what+": "+said)
	if msg.open != "" {
		m.enter(msg.open)
	}
	return m.poll()
}

// actionTime bounds one action; an engine answers in a moment.
const actionTime = 30 * time.Second

// send hands a command to the engine, unless the console only looks.
func (m *Model) send(cmd engine.Command) tea.Cmd {
	if m.env.ReadOnly {
		m.say(warn, "read-only: "+cmd.Verb+" was not sent")
		return nil
	}
	cmd.Run, cmd.By = m.run, m.env.User
	src, what := m.src, cmd.Verb
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), actionTime)
		defer cancel()
		said, err := src.Send(ctx, cmd)
		return doneMsg{what: what, said: said, err: err}
	}
}

// exec runs one of our verbs and shows how it ended.
func (m *Model) exec(args ...string) tea.Cmd {
	if m.env.ReadOnly {
		m.say(warn, "read-only: slipway "+args[0]+" was not run")
		return nil
	}
	src := m.src
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), actionTime)
		defer cancel()
		said, err := src.Exec(ctx, args)
		return doneMsg{what: "slipway " + args[0], said: said, err: err}
	}
}

// paste goes into text fields only; a dialog that wants something typed
// refuses it.
func (m *Model) paste(s string) tea.Cmd {
	switch {
	case m.dialog != nil:
		m.dialog.paste(m, s)
	case m.line != nil:
		m.line.insert(s)
	default:
		if w, ok := m.top().(*wizard); ok {
			w.paste(s)
		}
	}
	return nil
}
