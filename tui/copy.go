package tui

import (
	"context"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"slipway/release/text"
)

// copyable is one thing that y offers, beside the command.
type copyable struct{ key, what, text string }

// copier is a screen with more to copy than its command.
type copier interface{ copyables(m *Model) []copyable }

// openCopy offers what there is to copy; where there is only the command, it
// is copied at once.
func (m *Model) openCopy() tea.Cmd {
	items := []item{{"y", "command   " + m.commandLine(), nil, func(m *Model) tea.Cmd { return m.copy(m.commandLine()) }}}
	if c, ok := m.top().(copier); ok {
		for _, x := range c.copyables(m) {
			if x.text == "" {
				continue
			}
			first, rest, more := strings.Cut(x.text, "\n")
			if more {
				first = plural(strings.Count(rest, "\n")+2, "line")
			}
			items = append(items, item{x.key, m.look.fit(x.what, 9) + " " + first, nil, func(m *Model) tea.Cmd { return m.copy(x.text) }})
		}
	}
	if len(items) == 1 {
		return items[0].act(m)
	}
	m.dialog = &menu{what: "COPY", items: items}
	return nil
}

// copiedMsg is what became of a text that was copied.
type copiedMsg struct {
	bytes int
	path  string
	err   error
}

// copy asks the terminal to put a text on its clipboard, and keeps it in a
// file as well: whether a terminal did so nobody can tell. Control bytes of a
// log would act where they are pasted, so they are spelled here too.
func (m *Model) copy(s string) tea.Cmd {
	s, src := text.SanitizeLines(s), m.src
	return tea.Batch(tea.SetClipboard(s), func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), actionTime)
		defer cancel()
		path, err := src.Keep(ctx, s)
		return copiedMsg{len(s), path, err}
	})
}

func (m *Model) copied(msg copiedMsg) {
	note := fmt.Sprintf("copied, %d bytes", msg.bytes)
	switch {
	case m.env.Screen:
		note = fmt.Sprintf("%d bytes not on the clipboard: GNU screen does not pass them on", msg.bytes)
	case m.env.Tmux: // it drops the request unless told otherwise; we cannot see which
		note = fmt.Sprintf("sent to tmux, %d bytes (it must have: set -s set-clipboard on)", msg.bytes)
	}
	if msg.err != nil {
		note += "; not kept in a file: " + msg.err.Error()
	} else {
		note += "; also in " + msg.path
	}
	m.say(plain, note)
}
