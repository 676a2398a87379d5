package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// dialog is a question on top of a screen.
type dialog interface {
	title() string
	lines(m *Model, w, h int) []string
	key(m *Model, k tea.KeyPressMsg) tea.Cmd
	paste(m *Model, s string)
	command(m *Model) []string
}

// deaf is how long a dialog that can do harm ignores keys: what was typed
// ahead was meant for something else.
const deaf = time.Second

// confirm asks before something that matters. Level 1 wants a y; level 2 wants
// the version typed, key by key.
type confirm struct {
	what   string
	text   []string // what will happen, and what can be undone
	want   string   // what must be typed; empty: y
	reason bool     // a reason is asked for too
	label  string   // what the reason is called, when it is no reason but an answer
	args   []string // the verb that does the same
	act    func(m *Model, reason string) tea.Cmd

	opened time.Time
	fields [2]string // reason, typed
	field  int
	note   string
}

func (c *confirm) title() string { return c.what }

// command is the verb as it would be typed, with the reason given so far.
func (c *confirm) command(*Model) []string {
	if !c.reason {
		return c.args
	}
	if c.label != "" {
		return append(slices.Clone(c.args), cmp.Or(strings.TrimSpace(c.fields[0]), "NAME"))
	}
	return append(slices.Clone(c.args), "--reason", cmp.Or(strings.TrimSpace(c.fields[0]), "TEXT"))
}

func (c *confirm) lines(m *Model, w, _ int) []string {
	l := m.look
	var lines []string
	for _, t := range c.text {
		lines = append(lines, l.wrapped(t, w)...)
	}
	lines = append(lines, "")
	if c.reason {
		lines = append(lines, field(l, cmp.Or(c.label, "Reason"), c.fields[0], c.field == 0))
	}
	if c.want != "" {
		lines = append(lines, field(l, "Type "+c.want, c.fields[1], c.field == 1))
	}
	if c.note != "" {
		lines = append(lines, "", l.paint(warn, c.note))
	}
	hint := "y yes     esc no"
	if c.want != "" || c.reason {
		hint = "enter do it     tab next field     esc not now"
	}
	if len(lines) > 0 && lines[len(lines)-1] != "" {
		lines = append(lines, "")
	}
	return append(lines, hint)
}

// field is a labelled input; where typing goes is shown by a mark, not colour.
func field(l Look, label, value string, here bool) string {
	cursor := ""
	if here {
		cursor = "_"
	}
	return fmt.Sprintf("%s %-18s [ %s%s ]", pointer(here), label, l.safe(value), cursor)
}

func (c *confirm) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	name := k.String()
	if name == "esc" {
		m.dialog = nil
		return nil
	}
	if m.env.Now().Sub(c.opened) < deaf {
		c.note = "keys of the first second are ignored; type now"
		return nil
	}
	c.note = ""
	if c.want == "" && !c.reason {
		if name == "y" {
			m.dialog = nil
			return c.act(m, "")
		}
		return nil
	}
	switch name {
	case "tab", "shift+tab", "up", "down":
		if c.reason && c.want != "" {
			c.field = 1 - c.field
		}
	case "enter":
		return c.answer(m)
	default:
		c.fields[c.field] = edit(c.fields[c.field], k)
	}
	return nil
}

func (c *confirm) answer(m *Model) tea.Cmd {
	switch {
	case c.reason && strings.TrimSpace(c.fields[0]) == "":
		c.field, c.note = 0, strings.ToLower(cmp.Or(c.label, "reason"))+" is needed"
	case c.want != "" && c.fields[1] != c.want:
		c.field = 1
		c.note = fmt.Sprintf("typed %q, want %q", c.fields[1], c.want)
	default:
		m.dialog = nil
		return c.act(m, strings.TrimSpace(c.fields[0]))
	}
	return nil
}

// paste fills the reason only: what must be typed must be typed.
func (c *confirm) paste(m *Model, s string) {
	if c.reason && c.field == 0 {
		c.fields[0] += m.look.safe(strings.TrimSpace(s))
		return
	}
	c.note = "this cannot be pasted: type it"
}

// edit applies one key to a line of text.
func edit(s string, k tea.KeyPressMsg) string {
	switch k.String() {
	case "backspace":
		if r := []rune(s); len(r) > 0 {
			return string(r[:len(r)-1])
		}
		return s
	case "ctrl+u":
		return ""
	case "ctrl+w":
		s = strings.TrimRight(s, " ")
		return s[:strings.LastIndexByte(s, ' ')+1]
	}
	return s + k.Key().Text
}

// menu is a choice by single keys.
type menu struct {
	what  string
	items []item
}

type item struct {
	key, text string
	args      []string
	act       func(m *Model) tea.Cmd
}

func (d *menu) title() string           { return d.what }
func (d *menu) command(*Model) []string { return d.items[0].args }
func (d *menu) paste(*Model, string)    {}

func (d *menu) lines(m *Model, w, _ int) []string {
	var lines []string
	for _, i := range d.items {
		lines = append(lines, m.look.fit(fmt.Sprintf("%s  %s", m.look.paint(head, i.key), m.look.safe(i.text)), w))
	}
	return append(lines, "", "esc back")
}

func (d *menu) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	for _, i := range d.items {
		if i.key == k.String() {
			m.dialog = nil
			return i.act(m)
		}
	}
	if k.String() == "esc" {
		m.dialog = nil
	}
	return nil
}
