package tui

import (
	"image/color"

	"charm.land/lipgloss/v2"

	"slipway/release/pipeline"
)

// Look is how frames are drawn on the terminal at hand.
type Look struct {
	ASCII bool // no byte above 0x7f leaves us
	Color bool // false: bold and reverse stay, for they are no colours
	Light bool // the terminal's background is light
}

// tone is a meaning that a colour may support, never carry alone.
type tone int

const (
	plain tone = iota
	quiet      // what can be overlooked: waiting, hints
	good
	busy
	bad
	warn
	need // needs a person
	head // headings
)

// hues are the 16 colours of a terminal, for each tone: on dark, on light.
// The terminal's owner chose what they look like, and so they stay readable.
var hues = map[tone][2]color.Color{
	quiet: {lipgloss.BrightBlack, lipgloss.BrightBlack},
	good:  {lipgloss.Green, lipgloss.Green},
	busy:  {lipgloss.BrightBlue, lipgloss.Blue},
	bad:   {lipgloss.BrightRed, lipgloss.Red},
	warn:  {lipgloss.Yellow, lipgloss.Yellow},
	need:  {lipgloss.BrightMagenta, lipgloss.Magenta},
}

// style is the look of one tone.
func (l Look) style(t tone) lipgloss.Style {
	s := lipgloss.NewStyle()
	if t == bad || t == need || t == head {
		s = s.Bold(true)
	}
	if hue, ok := hues[t]; ok && l.Color {
		at := 0
		if l.Light {
			at = 1
		}
		s = s.Foreground(hue[at])
	}
	return s
}

func (l Look) paint(t tone, s string) string {
	if s == "" || t == plain {
		return s
	}
	return l.style(t).Render(s)
}

// mark is how a state is shown.
type mark struct {
	glyph, ascii string // one cell each
	word         string
	tone         tone
}

// marks is the legend. Order tells which state wins where one cell stands for
// many tasks: the first that occurs.
var marks = []struct {
	state pipeline.State
	mark
}{
	{pipeline.Failed, mark{"✗", "X", "FAIL", bad}},
	{pipeline.Held, mark{"◆", "?", "HOLD", need}},
	{pipeline.Retrying, mark{"↻", "~", "retry", warn}},
	{pipeline.Running, mark{"▶", ">", "run", busy}},
	{pipeline.Blocked, mark{"▪", "#", "block", quiet}},
	{pipeline.Cancelled, mark{"⊘", "-", "skip", quiet}},
	{pipeline.Waiting, mark{"·", ".", "wait", quiet}},
	{pipeline.Passed, mark{"✓", "+", "ok", good}},
}

func markOf(s pipeline.State) mark {
	for _, m := range marks {
		if m.state == s {
			return m.mark
		}
	}
	return mark{"!", "!", string(s), warn}
}

// glyph is the one-cell sign of a state, in its colour.
func (l Look) glyph(s pipeline.State) string {
	m := markOf(s)
	return l.paint(m.tone, l.pick(m.glyph, m.ascii))
}

// pick chooses between a sign and its ASCII stand-in.
func (l Look) pick(sign, ascii string) string {
	if l.ASCII {
		return ascii
	}
	return sign
}

// worst is the state that speaks for many tasks; passed when there are none
// that say otherwise.
func worst(c pipeline.Counts) pipeline.State {
	for _, m := range marks {
		if c.Of(m.state) > 0 {
			return m.state
		}
	}
	return pipeline.Passed
}
