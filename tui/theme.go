package tui

import (
	"image/color"

	"charm.land/lipgloss/v2"
)

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

// theme gives tones their colours; a tone it leaves out keeps the terminal's
// own text colour.
type theme map[tone]color.Color

// The first two stand in the 256 colours, of which terminals let their owners
// change only the first 16: so their contrast can be known, and a test holds
// each to 4.5:1 on the usual backgrounds.
var (
	onDark = theme{
		quiet: lipgloss.ANSIColor(248), good: lipgloss.ANSIColor(114), busy: lipgloss.ANSIColor(75),
		bad: lipgloss.ANSIColor(210), warn: lipgloss.ANSIColor(221), need: lipgloss.ANSIColor(177),
	}
	onLight = theme{
		quiet: lipgloss.ANSIColor(240), good: lipgloss.ANSIColor(22), busy: lipgloss.ANSIColor(25),
		bad: lipgloss.ANSIColor(124), warn: lipgloss.ANSIColor(94), need: lipgloss.ANSIColor(127),
	}
	// Of 16 colours few are readable everywhere. Bright black is the background
	// itself in Solarized, blue on black is lost on a Linux console, and yellow
	// and green are lost on white: there the sign and the word must do.
	sixteenOnDark = theme{
		good: lipgloss.Green, busy: lipgloss.BrightCyan, bad: lipgloss.BrightRed, warn: lipgloss.BrightYellow, need: lipgloss.BrightMagenta,
	}
	sixteenOnLight = theme{busy: lipgloss.Blue, bad: lipgloss.Red, need: lipgloss.Magenta}
)

func (l Look) theme() theme {
	switch {
	case !l.Color:
		return nil
	case l.Sixteen && l.Light:
		return sixteenOnLight
	case l.Sixteen:
		return sixteenOnDark
	case l.Light:
		return onLight
	}
	return onDark
}

// style is the look of one tone.
func (l Look) style(t tone) lipgloss.Style {
	s := lipgloss.NewStyle()
	if t == bad || t == need || t == head {
		s = s.Bold(true)
	}
	if hue, ok := l.theme()[t]; ok {
		s = s.Foreground(hue)
	}
	return s
}

func (l Look) paint(t tone, s string) string {
	if s == "" || t == plain {
		return s
	}
	return l.style(t).Render(s)
}

// next is the look that T turns to: dark, light, 16 colours, none, ASCII.
func (l Look) next(first Look) Look {
	switch {
	case l.Color && !l.Light && !l.Sixteen:
		return Look{Color: true, Light: true, ASCII: l.ASCII}
	case l.Color && !l.Sixteen:
		return Look{Color: true, Sixteen: true, Light: first.Light, ASCII: l.ASCII}
	case l.Color:
		return Look{ASCII: l.ASCII}
	case !l.ASCII:
		return Look{ASCII: true}
	}
	return first
}
