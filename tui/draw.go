package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"slipway/release/text"
)

// safe is text from outside, fit for one line of a frame.
func (l Look) safe(s string) string {
	s = text.Sanitize(s)
	if !l.ASCII {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r > 0x7e {
			return '?'
		}
		return r
	}, s)
}

// fit makes a line exactly width cells wide: cut with a sign that says so, or
// filled with spaces.
func (l Look) fit(s string, width int) string {
	if width <= 0 {
		return ""
	}
	if ansi.StringWidth(s) > width {
		s = ansi.Truncate(s, width, l.pick("…", "~"))
	}
	// A wide character that did not fit leaves a cell free.
	if pad := width - ansi.StringWidth(s); pad > 0 {
		s += strings.Repeat(" ", pad)
	}
	return s
}

// wrapped is foreign text in lines of at most width cells: its end may say more
// than its beginning.
func (l Look) wrapped(s string, width int) []string {
	var lines []string
	for line := range strings.Lines(strings.TrimSpace(s)) {
		lines = append(lines, strings.Split(ansi.Wrap(l.safe(strings.TrimRight(line, "\r\n")), max(10, width), ""), "\n")...)
	}
	return lines
}

// right sets a cell flush right in width cells.
func (l Look) right(s string, width int) string {
	if pad := width - ansi.StringWidth(s); pad > 0 {
		return strings.Repeat(" ", pad) + s
	}
	return l.fit(s, width)
}

// ends puts left and right at the two ends of a line; the left gives way.
func (l Look) ends(left, right string, width int) string {
	r := ansi.StringWidth(right)
	if r+1 >= width {
		return l.fit(left, width)
	}
	return l.fit(left, width-r-1) + " " + right
}

// eighths of a cell, for the head of a bar.
var eighths = []string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}

// bar is a progress bar of width cells, done of total. Its end is a glyph, not
// a background: terminals that do not keep backgrounds draw it all the same.
func (l Look) bar(done, total, width int) string {
	if width <= 0 {
		return ""
	}
	if total <= 0 {
		return strings.Repeat(l.pick("░", "."), width)
	}
	done = max(0, min(done, total))
	if l.ASCII {
		n := done * width / total
		return strings.Repeat("#", n) + strings.Repeat(".", width-n)
	}
	parts := done * width * 8 / total
	s := strings.Repeat("█", parts/8) + eighths[parts%8]
	return s + strings.Repeat("░", width-ansi.StringWidth(s))
}

// box draws a dialog: the only thing with side borders, for one copies text
// from everything else. Lines are cut to width cells in all.
func (l Look) box(title string, lines []string, width int) []string {
	side, dash := l.pick("│", "|"), l.pick("─", "-")
	inner := width - 4
	if inner < 1 {
		return lines
	}
	head := l.fit(" "+title+" ", min(inner, ansi.StringWidth(title)+2))
	top := l.pick("┌", "+") + dash + head + strings.Repeat(dash, inner+1-ansi.StringWidth(head)) + l.pick("┐", "+")
	out := []string{top}
	for _, line := range lines {
		out = append(out, side+" "+l.fit(line, inner)+" "+side)
	}
	return append(out, l.pick("└", "+")+strings.Repeat(dash, inner+2)+l.pick("┘", "+"))
}

// overlay lays a box over a frame, centred, below the first two rows. The rows
// it covers show nothing else: stumps left and right would only distract.
func (l Look) overlay(frame, box []string, width int) []string {
	out := append([]string(nil), frame...)
	if len(box) == 0 {
		return out
	}
	boxWidth := ansi.StringWidth(box[0])
	x := max(0, (width-boxWidth)/2)
	y := max(0, min(2, len(out)-len(box)))
	for i, line := range box {
		if y+i >= len(out) {
			break
		}
		out[y+i] = strings.Repeat(" ", x) + line
	}
	return out
}

// frame is a whole screen: exactly height lines, none wider than width.
func (l Look) frame(lines []string, width, height int) []string {
	out := make([]string, height)
	for i := range out {
		if i < len(lines) {
			out[i] = strings.TrimRight(l.fit(lines[i], width), " ")
		}
	}
	return out
}
