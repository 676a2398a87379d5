package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

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
		m.focus = focusIn
	case tea.BlurMsg:
		m.focus = focusOut
	case tickMsg:
		return m, tea.Batch(m.poll(), tick(), m.overdue())
	case pollMsg:
		return m, m.take(msg)
	case doneMsg:
		return m, m.done(msg)
	case copiedMsg:
		m.copied(msg)
	case demoMsg:
		return m, m.afterDemo(msg)
	case previewMsg:
		msg.form.take(msg)
	case suggestMsg:
		msg.form.start(msg)
	case tea.PasteMsg:
		m.paste(msg.Content)
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
	m.pressed = k.String()
	if m.pressed == "ctrl+c" {
		return m.leave()
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
	return m.do(m.keys.act(m.pressed, m.top().name()))
}

// do carries out an act: the console's own here, a screen's there.
func (m *Model) do(a act) tea.Cmd {
	switch a {
	case "":
		return nil
	case actDetach:
		return m.leave()
	case actQuitMenu:
		m.dialog = quitMenu(m)
	case actSuspend:
		return tea.Suspend
	case actRepaint:
		return tea.ClearScreen
	case actHelp:
		m.help = true
	case actPalette:
		m.dialog = newPalette(m)
	case actBack:
		m.escape()
	case actFilter:
		if f, ok := m.top().(filterable); ok {
			m.line = newFilter(f)
		}
	case actCopy:
		return m.openCopy()
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
	case actNextRun:
		return m.nextRun()
	case actTasks, actRunning, actUpdates, actSigning, actRollout, actMails, actHistory, actForecast:
		return m.open(a)
	default:
		return m.top().do(m, a)
	}
	return nil
}

// commandLine is what the user could type instead of looking at this screen.
func (m *Model) commandLine() string {
	args := m.top().command(m)
	if m.dialog != nil {
		if own := m.dialog.command(m); own != nil {
			args = own
		}
	}
	return m.typed(args)
}

// typed is a verb as a person would type it here, with the places of this
// console's journal and cache.
func (m *Model) typed(args []string) string {
	return text.ShellLine(slices.Concat([]string{"slipway"}, args, m.env.Flags))
}

// paste goes into text fields only; a dialog that wants something typed
// refuses it.
func (m *Model) paste(s string) {
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
}
